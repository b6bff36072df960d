import { isSendingKey } from "@gatestream/chat-kit";
import { useEffect, useRef, type KeyboardEvent, type SyntheticEvent } from "react";

export interface ComposerProps {
  readonly input: string;
  readonly isAnswering: boolean;
  readonly onInput: (input: string) => void;
  readonly onSubmit: () => void;
  readonly onStop: () => void;
}

/** Where a question is written. While an answer is on its way, the button stops it. */
export function Composer({ input, isAnswering, onInput, onSubmit, onStop }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);

  // Retry and Edit are gone while an answer comes: whoever pressed them goes on here.
  useEffect(() => {
    if (isAnswering) field.current?.focus();
  }, [isAnswering]);

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    field.current?.focus();
    if (isAnswering) onStop();
    else onSubmit();
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (!isSendingKey(event.nativeEvent)) return;
    event.preventDefault();
    if (!isAnswering) onSubmit();
  }

  return (
    <form className="gs-composer" onSubmit={submit}>
      <textarea
        className="gs-input"
        ref={field}
        aria-label="Message"
        placeholder="Write a message"
        rows={1}
        dir="auto"
        enterKeyHint="send"
        autoFocus
        value={input}
        onChange={({ target }) => onInput(target.value)}
        onKeyDown={onKeyDown}
      />
      {/* By its click: a frame that is sandboxed without `allow-forms` submits no forms. */}
      <button className="gs-button" data-kind={isAnswering ? "danger" : "primary"} onClick={submit}>
        {isAnswering ? "Stop" : "Send"}
      </button>
    </form>
  );
}
