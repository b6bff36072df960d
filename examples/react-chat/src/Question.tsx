import { memo, useState } from "react";
import type { MessageProps } from "./Message.tsx";
import { QuestionEditor } from "./QuestionEditor.tsx";

/** What somebody has asked. It is not rendered again while its answer grows. */
export const Question = memo(function Question({
  message: { id, content },
  onEdit,
}: Pick<MessageProps, "message" | "onEdit">) {
  const [isEditing, setEditing] = useState(false);

  function ask(text: string): void {
    setEditing(false);
    onEdit?.(id, text);
  }

  return (
    <article className="gs-message" data-role="user" aria-label="You">
      {isEditing && onEdit ? (
        <QuestionEditor text={content} onSend={ask} onCancel={() => setEditing(false)} />
      ) : (
        <div className="gs-text" dir="auto">
          {content}
        </div>
      )}
      {!isEditing && onEdit && (
        <div className="gs-message-actions">
          <button
            className="gs-button"
            data-kind="quiet"
            type="button"
            onClick={() => setEditing(true)}
          >
            Edit
          </button>
        </div>
      )}
    </article>
  );
});
