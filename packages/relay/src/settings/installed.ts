/** Whether the optional package `name` can be imported. */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
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
