import { useEffect, useInsertionEffect } from "react";
import { useLatest } from "./use-latest.ts";

interface Lifetime {
  onMount?(): void;
  onUnmount(): void;
}

/** Calls back when a component is mounted, and when it is unmounted. */
export function useLifetime(lifetime: Lifetime): void {
  const latest = useLatest(lifetime);
  useEffect(() => void latest.current.onMount?.(), [latest]);
  // Of all effects only this one stays while `<Activity>` hides the component, and StrictMode does
  // not play its end. React allows no updates in it: they come in a microtask.
  useInsertionEffect(() => () => queueMicrotask(() => latest.current.onUnmount()), [latest]);
}
