export interface HeaderProps {
  /** Undefined where there is nothing to begin anew. */
  readonly onNewChat: (() => void) | undefined;
}

export function Header({ onNewChat }: HeaderProps) {
  return (
    <header className="gs-header">
      <h1>gatestream · React</h1>
      {onNewChat && (
        <button className="gs-button" data-kind="quiet" type="button" onClick={onNewChat}>
          New chat
        </button>
      )}
    </header>
  );
}
