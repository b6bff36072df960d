/** Calls a listener; what it throws is reported as its own, and the stream goes on. */
export function notify<Values extends readonly unknown[]>(
  listener: ((...values: Values) => void) | undefined,
  ...values: Values
): void {
  try {
    listener?.(...values);
  } catch (failure) {
    queueMicrotask(() => {
      throw failure;
    });
  }
}
