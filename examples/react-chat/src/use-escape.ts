import { useEffect } from "react";

/** Calls `onEscape`, which must stay the same, when Escape is pressed anywhere. */
export function useEscape(onEscape: () => void): void {
  useEffect(() => {
    function onKeyDown({ key, isComposing }: KeyboardEvent): void {
      if (key === "Escape" && !isComposing) onEscape();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onEscape]);
}
