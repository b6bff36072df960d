import type { FileEvent } from "@gatestream/client";
import { buildButton, buildElement } from "../build-element.ts";
import { buildLink, isSafeAddress } from "../build-link.ts";
import { saveFile } from "../save-file.ts";

/** Shows a file of an answer. */
export type BuildFile = (file: FileEvent) => HTMLElement;

/**
 * A file is a link, or a button that saves what came with the answer. An image of an origin that the page
 * allows is shown: any other one would tell its server that the answer is read, and what its address has
 * in it of the conversation.
 *
 * @param imageOrigins Such as `https://images.example.com`; `data:` for images that came with the answer.
 */
export function createFileBuilder(imageOrigins: readonly string[]): BuildFile {
  function isAllowedImage(mediaType: string, address: string): boolean {
    const { protocol, origin } = new URL(address);
    return (
      mediaType.startsWith("image/") &&
      imageOrigins.includes(protocol === "data:" ? protocol : origin)
    );
  }

  return ({ mediaType, url, data }) => {
    const name = fileNameOf(url) || mediaType;
    const address = data === undefined ? url : `data:${mediaType};base64,${data}`;
    const isLink = isSafeAddress(address) && URL.canParse(address);
    if (
      address !== undefined &&
      (isLink || data !== undefined) &&
      isAllowedImage(mediaType, address)
    ) {
      return buildElement("img", { class: "gs-file-image", part: "file", src: address, alt: name });
    }
    const attributes = { class: "gs-file", part: "file", dir: "auto" };
    if (data === undefined) return buildLink(isLink ? address : undefined, [name], attributes);
    return buildButton(
      name,
      "quiet",
      () => saveFile(fromBase64(data, mediaType), `file.${extensionOf(mediaType)}`),
      { ...attributes, class: "gs-button gs-file" },
    );
  };
}

/** The last part of the path of an address; empty where there is none. */
export function fileNameOf(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return "";
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function extensionOf(mediaType: string): string {
  return /^\w+\/(?:x-)?([a-z\d]{1,8})(?:\+|$)/.exec(mediaType)?.[1] ?? "bin";
}

function fromBase64(data: string, type: string): Blob {
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    return new Blob([bytes], { type });
  } catch {
    // What is no base64 is saved as it came.
    return new Blob([data], { type });
  }
}
