import type { Observer } from "./observer.ts";

/** All of them as one; one that fails, at once or later, disturbs neither the others nor a stream. */
export function combineObservers(...observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observer of observers) void notify(observer, event);
  };
}

async function notify(...[observer, event]: [Observer, ...Parameters<Observer>]): Promise<void> {
  try {
    await observer(event);
  } catch (failure) {
    const message = `The relay's observer failed: ${String(failure)}`;
    process.emitWarning(message, "GatestreamWarning");
  }
}
