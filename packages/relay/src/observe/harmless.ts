import type { Observer } from "./observer.ts";

/** All of them as one; one that fails, at once or later, disturbs neither the others nor a stream. */
export function harmless(...observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observer of observers) void tell(observer, event);
  };
}

async function tell(...[observer, event]: [Observer, ...Parameters<Observer>]): Promise<void> {
  try {
    await observer(event);
  } catch (failure) {
    const message = `The relay's observer failed: ${String(failure)}`;
    process.emitWarning(message, "GatestreamWarning");
  }
}
