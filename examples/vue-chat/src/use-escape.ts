import { onMounted, onUnmounted } from "vue";

/** Calls `onEscape` when Escape is pressed anywhere. */
export function useEscape(onEscape: () => void): void {
  function onKeyDown({ key, isComposing }: KeyboardEvent): void {
    if (key === "Escape" && !isComposing) onEscape();
  }
  onMounted(() => document.addEventListener("keydown", onKeyDown));
  onUnmounted(() => document.removeEventListener("keydown", onKeyDown));
}
