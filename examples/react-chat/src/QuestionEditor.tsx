import { isEscapeKey, isSendingKey } from "@gatestream/chat-kit";
import { useState, type KeyboardEvent, type SyntheticEvent } from "react";

export interface QuestionEditorProps {
  readonly text: string;
  readonly onSend: (text: string) => void;
  readonly onCancel: () => void;
}

/** A question that is put in other words. */
export function QuestionEditor({ text, onSend, onCancel }: QuestionEditorProps) {
  const [draft, setDraft] = useState(text);

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    if (draft.trim() !== "") onSend(draft);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (isSendingKey(event.nativeEvent)) submit(event);
    else if (isEscapeKey(event.nativeEvent)) onCancel();
  }

  return (
    <form className="gs-editor" onSubmit={submit}>
      <textarea
        className="gs-input"
        aria-label="Edit message"
        rows={1}
        dir="auto"
        autoFocus
        // The cursor goes to the end, where most people go on.
        onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
        value={draft}
        onChange={({ target }) => setDraft(target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="gs-editor-actions">
        <button className="gs-button" data-kind="quiet" type="button" onClick={onCancel}>
          Cancel
        </button>
        <button className="gs-button" data-kind="primary" onClick={submit}>
          Send again
        </button>
      </div>
    </form>
  );
}
