import { buildElement } from "./build-element.ts";

/** Has the browser save a file; call it from a click. */
export function saveFile(content: Blob, fileName: string): void {
  const href = URL.createObjectURL(content);
  buildElement("a", { href, download: fileName }).click();
  // The browser begins to read it after the click.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
