import type * as client from "@gatestream/client";

declare global {
  /** What the script-tag build, `gatestream.iife.js`, puts on the page. */
  const gatestream: typeof client;
}
