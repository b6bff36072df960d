import type { StreamRequest } from "@gatestream/client";
import type { Page } from "../engines/engine.ts";
import type { RecordedOptions, Told } from "../page/recording.ts";

/**
 * How long a page is away, in milliseconds. `AWAY_MS=240000` tries four minutes: in the everyday run
 * there is no time for that.
 */
export const awayMs = Number(process.env["AWAY_MS"] ?? 1600);

/** What can be sent into a page. */
export interface Errand {
  readonly clientOptions: Pick<
    RecordedOptions,
    | "url"
    | "resumable"
    | "retry"
    | "idleTimeoutMs"
    | "credentials"
    | "connectTimeoutMs"
    | "overSocket"
    | "mayPoll"
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

/** Starts as many streams, which the page keeps. */
export function beginManyInPage(
  page: Page,
  clientOptions: Errand["clientOptions"],
  requests: readonly StreamRequest[],
): Promise<void> {
  return page.evaluate(
    (asked) => {
      inPage.recordings = asked.requests.map((each) => inPage.record(asked.clientOptions, each));
    },
    { clientOptions, requests },
  );
}

/** Resolves when of so many of the page's streams something has come. */
export function untilBegun(page: Page, count: number): Promise<void> {
  return page.evaluate(async (wanted) => {
    await new Promise<void>((resolve) => {
      let left = wanted;
      for (const recording of inPage.recordings) {
        void recording.hasText(1).then(() => (left -= 1) === 0 && resolve());
      }
    });
  }, count);
}

/** Of how many of the page's streams something has come. */
export function begunCount(page: Page): Promise<number> {
  return page.evaluate(
    () => inPage.recordings.filter(({ stream }) => stream.text.length > 0).length,
  );
}

/** With what the page's streams have ended, in the order in which they were begun. */
export function endsInPage(
  page: Page,
): Promise<readonly { readonly text: string; readonly reason: string }[]> {
  return page.evaluate(() =>
    // Not all that is told: what leaves a page is slow.
    Promise.all(
      inPage.recordings.map(async (recording) => {
        const { text, reason } = await recording.end();
        return { text, reason: reason ?? "none" };
      }),
    ),
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

/** The longest that a driver lets a page wait, in milliseconds. */
const longestWaitMs = 20_000;

/** Resolves when a living relay would have been heard: in the page, whose clock may stand still. */
export async function pass(page: Page, waitMs: number): Promise<void> {
  for (let leftMs = waitMs; leftMs > 0; leftMs -= longestWaitMs) {
    await page.evaluate(
      (wanted) => {
        return new Promise<void>((resolve) => {
          setTimeout(resolve, wanted);
        });
      },
      Math.min(leftMs, longestWaitMs),
    );
  }
}
