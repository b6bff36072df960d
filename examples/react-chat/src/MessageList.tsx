import { followEnd, type EndFollower } from "@gatestream/chat-kit";
import { useEffect, useRef, useState, type ReactNode } from "react";

export interface MessageListProps {
  readonly messageCount: number;
  readonly children: ReactNode;
}

/** The conversation. It is silent for screen readers: it changes many times a second. */
export function MessageList({ messageCount, children }: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);

  const follower = useRef<EndFollower>(undefined);

  function goToEnd(): void {
    follower.current?.goToEnd();
  }

  useEffect(() => {
    if (scroller.current === null) return undefined;
    follower.current = followEnd(scroller.current, setFollowing);
    return follower.current.close;
  }, []);

  // Whoever asks wants to see the answer, wherever they were reading.
  useEffect(goToEnd, [messageCount]);

  return (
    <>
      <div
        className="gs-messages"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label="Conversation"
        tabIndex={0}
      >
        {children}
      </div>
      {!isFollowing && (
        <button className="gs-button gs-latest" data-kind="quiet" type="button" onClick={goToEnd}>
          Latest
        </button>
      )}
    </>
  );
}
