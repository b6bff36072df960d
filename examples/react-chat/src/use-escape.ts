import { isEscapeKey } from "@gatestream/chat-kit";
import { useEffect } from "react";

/** Calls `onEscape`, which must stay the same, when Escape is pressed anywhere. */
export function useEscape(onEscape: () => void): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (isEscapeKey(event)) onEscape();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onEscape]);
}
