import type { Provider } from "@gatestream/relay";

/** What a question for {@link OwnProvider} asks for, as the JSON of its last message. */
export interface OwnAnswer {
  /** What no other question is called. */
  readonly name: string;
  readonly tokens: readonly string[];
  /** How often the tokens are said. @defaultValue 1 */
  readonly times?: number;
  /** @defaultValue as fast as the reader reads */
  readonly tokensPerSecond?: number;
  /** After how many tokens it waits until it is let on. @defaultValue never */
  readonly gates?: readonly number[];
}

/** An upstream that says exactly what it is asked to say, and waits in the middle if it is told to. */
export interface OwnProvider {
  readonly provider: Provider;
  /** Lets an answer on that waits at a gate, or will. */
  letOn(name: string): void;
  /** How often it was asked. */
  askedCount(name: string): number;
  /** How many of these answers are being given. */
  runningCount(name: string): number;
}

/** What is sent together where nothing else says how much. */
const tokensAtOnce = 64;
/** How often a paced answer goes on, in milliseconds. */
const tickMs = 5;

export function createOwnProvider(): OwnProvider {
  const asked: string[] = [];
  const running: string[] = [];
  const gates = new Map<string, Gate>();

  function gateOf(name: string): Gate {
    const gate = gates.get(name) ?? createGate();
    gates.set(name, gate);
    return gate;
  }

  return {
    provider: {
      name: "own",
      async open({ messages }, { signal }) {
        const question: OwnAnswer = JSON.parse(String(messages.at(-1)?.content ?? ""));
        asked.push(question.name);
        return (async function* () {
          running.push(question.name);
          try {
            yield* answer(question, gateOf(question.name), signal);
          } finally {
            running.splice(running.indexOf(question.name), 1);
          }
        })();
      },
      async close() {},
    },
    letOn: (name) => gateOf(name).letOn(),
    askedCount: (name) => asked.filter((each) => each === name).length,
    runningCount: (name) => running.filter((each) => each === name).length,
  };
}

async function* answer(question: OwnAnswer, gate: Gate, signal: AbortSignal) {
  const { tokensPerSecond, times = 1, gates = [] } = question;
  const tokens = Array<readonly string[]>(times).fill(question.tokens).flat();
  const startedAt = performance.now();
  for (let index = 0; index < tokens.length;) {
    const dueCount =
      tokensPerSecond === undefined
        ? index + tokensAtOnce
        : Math.floor(((performance.now() - startedAt) * tokensPerSecond) / 1000);
    const nextGate = gates.find((at) => at > index) ?? tokens.length;
    const end = Math.min(dueCount, nextGate, tokens.length);
    const events = tokens.slice(index, end).map((content, at) => {
      return { type: "token" as const, content, index: index + at };
    });
    if (events.length > 0) yield events;
    index += events.length;
    if (events.length > 0 && gates.includes(index)) await gate.passed(signal);
    else if (tokensPerSecond !== undefined) await afterTick();
  }
  yield [{ type: "stop" as const, reason: "stop" }];
}

interface Gate {
  letOn(): void;
  passed(signal: AbortSignal): Promise<void>;
}

/** Lets one on for each call, whichever comes first. */
function createGate(): Gate {
  let passCount = 0;
  let look = (): void => {};
  return {
    letOn() {
      passCount += 1;
      look();
    },
    passed: (signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => reject(signal.reason);
        signal.addEventListener("abort", giveUp, { once: true });
        look = () => {
          if (passCount === 0) return;
          passCount -= 1;
          look = () => {};
          signal.removeEventListener("abort", giveUp);
          resolve();
        };
        look();
      }),
  };
}

function afterTick(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, tickMs);
  });
}
