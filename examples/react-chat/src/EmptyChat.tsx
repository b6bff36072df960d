import { suggestions } from "./suggestions.ts";

export interface EmptyChatProps {
  readonly onAsk: (question: string) => void;
}

/** What is there before the first question. */
export function EmptyChat({ onAsk }: EmptyChatProps) {
  return (
    <section className="gs-empty" aria-labelledby="empty-title">
      <h2 id="empty-title">Ask, and watch the answer arrive.</h2>
      <p>Reload in the middle of an answer: it goes on.</p>
      <ul className="suggestions">
        {suggestions.map(({ label, question }) => (
          <li key={question}>
            <button
              className="gs-button"
              data-kind="quiet"
              type="button"
              onClick={() => onAsk(question)}
            >
              {label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
