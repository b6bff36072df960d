import { type Random, pick } from "./random.ts";
import type { Topic } from "./topic.ts";

/** The body of an answer: it varies with `random`, and fits any topic. */
export type AnswerForm = (topic: Topic, random: Random) => string;

const steps: AnswerForm = ({ about }, random) => `\
${pick(random, [
  "In most cases four steps are enough — and none of them can break anything.",
  "Let me walk you through it — it is simpler than it looks at first.",
  "Here is the order that saves the most time, in my experience.",
])}

1. **Start with what you have.** Note the account, the order number or the words on the screen.
2. **Try the simple way first.** Sign in again, reload the page, and see whether the result changes.
3. **Change one thing at a time.** ${pick(random, [
  "If two settings change together, nobody knows which one helped.",
  "Otherwise the cure and the cause look the same — a classic déjà vu.",
])}
4. **Keep the confirmation.** The reference in the e-mail — not a screenshot — is what counts later.

Most questions about ${about} are solved by the second step, ideally before the café downstairs \
has your order ready 🥐. If not, tell me what you saw after step three and we will go on from there.`;

const checklist: AnswerForm = ({ about }, random) => `\
Before anything else, three things are worth checking. They take ${pick(random, [
  "two minutes",
  "less time than a coffee",
  "a moment",
])} and settle most questions about ${about}:

- **Is the information current?** Pages, prices and policies change; the date at the bottom tells.
- **Is it the right account?** A second profile — at work, say — is the most common surprise.
- **Is there a message waiting?** The answer may already be in your inbox, or among the spam.

${pick(random, [
  "If all three look fine, the rest is quick.",
  "When these are in order, little can go wrong.",
])} Write down what you expected and what happened instead; a résumé of two lines is plenty. \
With that, a colleague can pick it up without asking you everything again 🙂.

### What happens next

We usually reply within one working day. Nothing is changed on your side until you have agreed.`;

const comparison: AnswerForm = (_topic, random) => `\
There are two sensible ways to go about it, and the better one depends on how much time you have.

### The quick way

${pick(random, [
  "Use what is already set up and accept the defaults.",
  "Stay with the standard settings and touch nothing else.",
])} It works at once, it is easy to undo, and for one person it is nearly always enough. The price \
is that you will meet the same question again some day.

### The thorough way

Take half an hour — preferably not on a Friday — and write down what should be true at the end. Then:

- compare it with what is there today,
- change only the differences,
- ask somebody else to look at the result.

${pick(random, [
  "My suggestion: begin with the quick way and keep the notes for later.",
  "If you are unsure, go the quick way first; nothing about it is final.",
])} It sounds naïve, but small steps win 🚀. Which of the two is closer to your situation?`;

const example: AnswerForm = ({ title }, random) => `\
${pick(random, [
  "The short version first, then an example you can copy.",
  "An example says more than a long explanation, so let us start with one.",
])} Suppose we write down everything we know so far in one small record:

\`\`\`json
{
  "topic": ${JSON.stringify(title)},
  "status": "open",
  "owner": "Zoë",
  "steps": ["read", "try", "ask"]
}
\`\`\`

The fields are few on purpose:

- \`status\` says whether somebody still has to act — nothing else.
- \`owner\` is one person, never a team.
- \`steps\` is the plan, in order; the first that fails tells you where to look.

${pick(random, [
  "Keep it that small for as long as you can.",
  "Most records never need a fifth field.",
])} If the case grows, add a date before you add a comment 🎯. Would you like me to fill it in with \
the details you have so far?`;

const questions: AnswerForm = ({ about }, random) => `\
People who ask about ${about} mostly want to know three things, so here they are — in plain words.

**How long does it take?** ${pick(random, [
  "Usually a few minutes, and at the latest until tomorrow morning.",
  "Count on ten minutes when everything is at hand, otherwise on a day.",
])}

**What do I need?** Very little:

- the e-mail address that you signed up with,
- the last message or invoice, if there is one,
- a quiet moment 🌿.

**What can go wrong?** Seldom more than a typing mistake. Names with an accent — René, Chloë — are \
safe to enter as they are written. ${pick(random, [
  "Should a step refuse to work, stop there and note the message.",
  "If something looks odd, leave it and ask; nothing gets lost by waiting.",
])}

I am happy to go into any of these in more detail. Just tell me which part matters most to you \
right now, and what you have tried already.`;

export const answerForms: readonly [AnswerForm, ...AnswerForm[]] = [
  steps,
  checklist,
  comparison,
  example,
  questions,
];
