import { isEscapeKey } from "@gatestream/chat-kit";
import { onMounted, onUnmounted } from "vue";

/** Calls `onEscape` when Escape is pressed anywhere. */
export function useEscape(onEscape: () => void): void {
  function onKeyDown(event: KeyboardEvent): void {
    if (isEscapeKey(event)) onEscape();
  }
  onMounted(() => document.addEventListener("keydown", onKeyDown));
  onUnmounted(() => document.removeEventListener("keydown", onKeyDown));
}
