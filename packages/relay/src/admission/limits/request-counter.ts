/** The requests of one key in a window that began with the first of them. */
export interface RequestCount {
  /** With this one. */
  readonly count: number;
  /** Until the window ends, in milliseconds. */
  readonly leftMs: number;
}

/** Counts one request of `key`; a window of `windowMs` begins with the first one. */
export type RequestCounter = (key: string, windowMs: number) => Promise<RequestCount>;

/** Counts the requests to this process. */
export function createMemoryCounter(): RequestCounter {
  const windows = new Map<string, { count: number; readonly endsAt: number }>();
  return async (key, windowMs) => {
    let window = windows.get(key);
    if (window === undefined) {
      window = { count: 0, endsAt: Date.now() + windowMs };
      windows.set(key, window);
      setTimeout(() => windows.delete(key), windowMs).unref();
    }
    window.count += 1;
    return { count: window.count, leftMs: window.endsAt - Date.now() };
  };
}
