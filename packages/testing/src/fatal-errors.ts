import { onTestFinished } from "vitest";

/** Collects what would have ended the process if no test were watching it. */
export function collectFatalErrors(): readonly unknown[] {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onError);
  onTestFinished(() => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onError);
  });
  return errors;
}
