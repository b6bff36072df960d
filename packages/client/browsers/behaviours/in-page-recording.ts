import type { ClientOptions, StreamRequest } from "@gatestream/client";
import type { Page } from "../engines/engine.ts";
import type { Told } from "../page/recording.ts";

/** What can be sent into a page. */
export interface Errand {
  readonly clientOptions: Pick<
    ClientOptions,
    "url" | "resumable" | "retry" | "idleTimeoutMs" | "credentials"
  >;
  readonly request: StreamRequest;
}

/** Streams to the end. */
export function streamInPage(page: Page, errand: Errand): Promise<Told> {
  return page.evaluate((asked) => inPage.record(asked.clientOptions, asked.request).end(), errand);
}

/** Starts a stream that the page keeps, and resolves when that much of its text has come. */
export function beginInPage(page: Page, errand: Errand, length: number): Promise<void> {
  return page.evaluate(
    (asked) => {
      inPage.recording = inPage.record(asked.errand.clientOptions, asked.errand.request);
      return inPage.recording.hasText(asked.length);
    },
    { errand, length },
  );
}

/** Resolves when that much has come of the stream that the page keeps. */
export function untilLength(page: Page, length: number): Promise<void> {
  return page.evaluate((wanted) => inPage.recording?.hasText(wanted), length);
}

/** How the stream ended that the page keeps. */
export async function endInPage(page: Page): Promise<Told> {
  const told = await page.evaluate(() => inPage.recording?.end());
  if (told === undefined) throw new Error("The page keeps no stream.");
  return told;
}

/** Resolves when a living relay would have been heard: in the page, whose clock may stand still. */
export function pass(page: Page, waitMs: number): Promise<void> {
  return page.evaluate((wanted) => {
    return new Promise<void>((resolve) => {
      setTimeout(resolve, wanted);
    });
  }, waitMs);
}
