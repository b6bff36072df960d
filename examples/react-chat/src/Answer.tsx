import { answerNote } from "@gatestream/chat-kit";
import { memo } from "react";
import { CopyButton } from "./CopyButton.tsx";
import { Markdown } from "./Markdown.tsx";
import type { MessageProps } from "./Message.tsx";
import { Problem } from "./Problem.tsx";

/** An answer, while it comes and when it has ended in one way or the other. */
export const Answer = memo(function Answer({
  message,
  onRetry,
}: Pick<MessageProps, "message" | "onRetry">) {
  const { content, status = "done", error } = message;
  const note = answerNote(message);
  return (
    <article
      className="gs-message"
      data-role="assistant"
      data-status={status}
      aria-label="Answer"
      aria-busy={status === "streaming"}
    >
      <Markdown text={content} isWhole={status === "done"} />
      {note && <p className="gs-note">{note}</p>}
      {error && <Problem error={error} />}
      {status !== "streaming" && (
        <div className="gs-message-actions">
          {content && <CopyButton text={content} />}
          {onRetry && (
            <button className="gs-button" data-kind="quiet" type="button" onClick={onRetry}>
              Retry
            </button>
          )}
        </div>
      )}
    </article>
  );
});
