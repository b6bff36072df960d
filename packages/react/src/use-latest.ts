import { useInsertionEffect, useRef } from "react";

/** The value of the last committed render, for callbacks. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  // Before all other effects, which may already call what reads it.
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
