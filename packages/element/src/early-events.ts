import type { StreamEvent, StreamStatus } from "@gatestream/client";
import type { InspectorListeners } from "@gatestream/ui";

/** What passes answers on to an inspector that may not be loaded yet. */
export interface EarlyEvents {
  readonly listeners: InspectorListeners;
  /** Passes them to the listeners that `create` gives from now on, and what has waited; only once. */
  attach(create: () => InspectorListeners): void;
}

const endings: readonly StreamStatus[] = ["done", "cancelled", "error"];

/**
 * Keeps events until there is an inspector to show them. An answer that began while none was wanted is
 * not shown from its middle.
 */
export function createEarlyEvents(isWanted: () => boolean): EarlyEvents {
  let waiting: (StreamEvent | StreamStatus)[] = [];
  let attached: InspectorListeners | undefined;
  let isMissed = false;

  function pass(what: StreamEvent | StreamStatus): void {
    if (isMissed) return;
    if (attached === undefined) waiting.push(what);
    else if (typeof what === "string") attached.onStatus(what);
    else attached.onEvent(what);
  }

  return {
    listeners: {
      onEvent: pass,
      onStatus(status) {
        isMissed ||= attached === undefined && !isWanted();
        pass(status);
        if (endings.includes(status)) isMissed = false;
      },
    },
    attach(create) {
      attached ??= create();
      const early = waiting;
      waiting = [];
      early.forEach(pass);
    },
  };
}
