/** Whether the optional package `redis` can be imported. */
export function isRedisInstalled(): boolean {
  try {
    import.meta.resolve("redis");
    return true;
  } catch (failure) {
    // A bundle cannot resolve anything, and may contain the package.
    return !(
      failure instanceof Error &&
      "code" in failure &&
      failure.code === "ERR_MODULE_NOT_FOUND"
    );
  }
}
