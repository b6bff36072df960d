/** Calls a listener; what it throws is reported as an uncaught error, and the stream continues. */
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
