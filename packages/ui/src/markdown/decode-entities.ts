/** The entities that answers use, each with its character; others are shown as they are written. */
const entities =
  "amp& lt< gt> quot\" apos' nbsp\u00A0 shy\u00AD ensp\u2002 emsp\u2003 thinsp\u2009 " +
  "copy© reg® trade™ hellip… ndash– mdash— lsquo‘ rsquo’ ldquo“ rdquo” laquo« raquo» " +
  "bull• middot· times× divide÷ plusmn± minus− deg° microµ frac12½ frac14¼ frac34¾ euro€ " +
  "pound£ yen¥ cent¢ sect§ para¶ larr← uarr↑ rarr→ darr↓ harr↔ rArr⇒ le≤ ge≥ ne≠ asymp≈ " +
  "infin∞ alphaα betaβ gammaγ deltaδ lambdaλ muμ piπ sigmaσ omegaω check✓";
const characters = new Map(entities.split(" ").map((pair) => [pair.slice(0, -1), pair.slice(-1)]));

/** Turns `&amp;`, `&#39;` and the like into characters without an HTML parser. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([\dA-Fa-f]{1,6})|(\w{2,8}));/g,
    (entity, decimal?: string, hexadecimal?: string, name = "") => {
      const code = decimal ? Number(decimal) : parseInt(hexadecimal ?? "", 16);
      if (Number.isNaN(code)) return characters.get(name) ?? entity;
      const isCharacter = code > 0 && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : "\uFFFD";
    },
  );
}
