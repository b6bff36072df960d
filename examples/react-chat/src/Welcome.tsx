/** What an empty conversation offers to ask. The emulator also fails on request. */
const suggestions = {
  "How do I reset my password?": "How do I reset my password?",
  "Which settings do I need?": "Which settings do I need?",
  "An answer that breaks off": "/scenario cut",
  "An answer that never ends": "/scenario stall",
};

export interface WelcomeProps {
  readonly onAsk: (question: string) => void;
}

export function Welcome({ onAsk }: WelcomeProps) {
  return (
    <>
      <h2>Ask, and watch the answer arrive.</h2>
      <p>Reload in the middle of an answer: it goes on.</p>
      <ul className="gs-prompts">
        {Object.entries(suggestions).map(([label, question]) => (
          <li key={question}>
            <button className="gs-button" data-kind="quiet" onClick={() => onAsk(question)}>
              {label}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
