import { useInsertionEffect, useRef } from "react";

/** What was given in the last render that is on the page, for what is called later. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  // Before all other effects, which may already call what reads it.
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
