import { buildElement } from "./build-element.ts";

/** Only addresses that lead somewhere else: an answer does not know what is beside the page. */
const allowedAddress = /^(?:https?|mailto|tel):/i;

/** Whether an address of an answer may be a link. */
export function isSafeAddress(address: string | undefined): address is string {
  return address !== undefined && allowedAddress.test(address);
}

/** A link out of the page; for an address that is not safe only the words. */
export function buildLink(
  address: string | undefined,
  words: readonly (Node | string)[],
  attributes: Readonly<Record<string, string | undefined>> = {},
): HTMLElement {
  if (!isSafeAddress(address)) return buildElement("span", attributes, ...words);
  // The new tab learns nothing of the page that it came from.
  const own = { href: address, target: "_blank", rel: "noopener noreferrer" };
  return buildElement("a", { ...own, ...attributes }, ...words);
}
