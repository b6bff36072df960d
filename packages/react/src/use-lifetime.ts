import { useEffect, useRef } from "react";
import { useLatest } from "./use-latest.ts";

interface Lifetime {
  onMount?(): void;
  onUnmount(): void;
}

/** Tells when a component is there and when it is gone, past the moment of its last render. */
export function useLifetime(lifetime: Lifetime): void {
  const latest = useLatest(lifetime);
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    latest.current.onMount?.();
    return () => {
      isMounted.current = false;
      // StrictMode only plays that it is gone: it is back before the next microtask.
      queueMicrotask(() => {
        if (!isMounted.current) latest.current.onUnmount();
      });
    };
  }, [latest]);
}
