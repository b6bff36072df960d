import DOMPurify, { type Config } from "dompurify";

/** What Markdown can say, and nothing else: no images, frames, forms, SVG, styles, classes but one. */
const allowed: Config = {
  ALLOWED_TAGS:
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split(
      " ",
    ),
  ALLOWED_ATTR: ["href", "align", "class", "start"],
  // Everything else is measured as if it were an address.
  ADD_URI_SAFE_ATTR: ["align", "start"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  // Only addresses that lead somewhere else: an answer does not know what is beside the page.
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
  RETURN_DOM_FRAGMENT: true,
};

const languageClass = /^language-\S+$/;

/**
 * Turns HTML that nobody need trust into nodes that are safe to show. Links open in a tab of their
 * own, which learns nothing of the page that it came from.
 */
export function sanitise(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, { ...allowed, RETURN_DOM_FRAGMENT: true });
  for (const element of fragment.querySelectorAll("[class]")) {
    // A class of the page's own could make an answer look like a part of the page.
    const isLanguage = element.localName === "code" && languageClass.test(element.className);
    if (!isLanguage) element.removeAttribute("class");
  }
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  return fragment;
}
