import type { ImagePart } from "@gatestream/protocol";

/** Where an image is: its own URL, or one that holds it. */
export function imageUrl({ url, data = "", mediaType = "" }: ImagePart): string {
  return url ?? `data:${mediaType};base64,${data}`;
}
