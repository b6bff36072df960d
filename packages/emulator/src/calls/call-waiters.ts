import type { EmulatorCall } from "./call-log.ts";

type Predicate = (call: EmulatorCall) => boolean;

interface CallWaiters {
  wait(
    known: readonly EmulatorCall[],
    predicate: Predicate,
    signal: AbortSignal | undefined,
  ): Promise<EmulatorCall>;
  notify(call: EmulatorCall): void;
  close(): void;
}

interface Waiter {
  consider(call: EmulatorCall): void;
  fail(reason: unknown): void;
}

export function createCallWaiters(): CallWaiters {
  const waiters = new Set<Waiter>();

  return {
    async wait(known, predicate, signal) {
      signal?.throwIfAborted();
      const match = known.find(predicate);
      if (match !== undefined) return match;

      return new Promise((resolve, reject) => {
        const onAbort = (): void => waiter.fail(signal?.reason);
        const leave = (): void => {
          waiters.delete(waiter);
          signal?.removeEventListener("abort", onAbort);
        };
        const waiter: Waiter = {
          consider(call) {
            try {
              if (!predicate(call)) return;
            } catch (error) {
              waiter.fail(error);
              return;
            }
            leave();
            resolve(call);
          },
          fail(reason) {
            leave();
            reject(reason);
          },
        };
        waiters.add(waiter);
        signal?.addEventListener("abort", onAbort);
      });
    },
    notify(call) {
      for (const waiter of waiters) waiter.consider(call);
    },
    close() {
      const reason = new Error("The emulator was closed before a call matched.");
      for (const waiter of waiters) waiter.fail(reason);
    },
  };
}
