import * as gatestream from "@gatestream/client";
import { countListeners } from "./count-listeners.ts";
import { countFrames } from "./count-frames.ts";
import { record, type Recording } from "./recording.ts";
import { fetchByteByByte } from "./fetch-byte-by-byte.ts";

/** What a page under test offers to the functions that run in it. */
const offered = {
  gatestream,
  record,
  countFrames,
  countListeners,
  fetchByteByByte,
  /** Errors that nobody has caught. */
  complaints: [] as string[],
  /** What one call leaves for the next. */
  recording: undefined as Recording | undefined,
  recordings: [] as readonly Recording[],
  snapshotLengths: [] as number[],
};

addEventListener("error", ({ message }) => offered.complaints.push(message));
addEventListener("unhandledrejection", ({ reason }) => offered.complaints.push(String(reason)));

declare global {
  var inPage: typeof offered;
}

globalThis.inPage = offered;
