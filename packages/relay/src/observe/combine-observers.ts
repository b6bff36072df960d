import type { Observer } from "./observer.ts";

/** All of them as one; one that fails, at once or later, disturbs neither the others nor a stream. */
export function combineObservers(...observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observer of observers) {
      try {
        const outcome: unknown = observer(event);
        if (outcome instanceof Promise) outcome.catch(warn);
      } catch (failure) {
        warn(failure);
      }
    }
  };
}

function warn(failure: unknown): void {
  process.emitWarning(`The relay's observer failed: ${String(failure)}`, "GatestreamWarning");
}
