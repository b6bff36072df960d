import type { Finding } from "@gatestream/relay";

export interface Tries {
  /** What is reported when one of them is missing, or fails. */
  readonly what: string;
  run(signal: AbortSignal): AsyncIterable<Finding>;
}

/**
 * The findings of `tries` as they come. The first that takes longer than `limitMs` ends them: it is
 * reported as a failure, whether or not they observe their signal.
 */
export async function* inTime(
  { what, run }: Tries,
  limitMs: number,
): AsyncGenerator<Finding, void> {
  const giving = new AbortController();
  try {
    const findings = run(giving.signal)[Symbol.asyncIterator]();
    for (;;) {
      const next = await within(findings.next(), limitMs);
      if (next === undefined) {
        const message = `it was not done within ${limitMs / 1000} s, and was given up.`;
        yield { what, outcome: "failed", message };
        return;
      }
      if (next.done === true) return;
      yield next.value;
    }
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    yield { what, outcome: "failed", message };
  } finally {
    giving.abort();
  }
}

function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, undefined);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
