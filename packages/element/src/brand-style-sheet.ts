import { brandColors, type BrandScheme } from "@gatestream/ui";

/** The accents that one brand colour gives; undefined for what is no colour. */
export function brandStyleSheet(brand: string): CSSStyleSheet | undefined {
  const colors = brandColors(brand) ?? brandColors(toHex(brand));
  if (colors === undefined) return undefined;
  const sheet = new CSSStyleSheet();
  const dark = declarations(colors.dark);
  sheet.replaceSync(
    `:host{${declarations(colors.light)}}` +
      `@media (prefers-color-scheme:dark){:host(:not([data-theme=light],[theme=light])){${dark}}}` +
      `:host(:is([data-theme=dark],[theme=dark])){${dark}}`,
  );
  return sheet;
}

function declarations({ accent, onAccent, tint }: BrandScheme): string {
  return `--gs-accent:${accent};--gs-on-accent:${onAccent};--gs-tint:${tint}`;
}

/** A name, `rgb(…)` and the like as `#rrggbb`: what a canvas makes of a colour. */
function toHex(color: string): string {
  const context = color.trim() ? document.createElement("canvas").getContext("2d") : null;
  // What is no colour changes nothing.
  if (context === null) return "";
  context.fillStyle = "#fffffe";
  context.fillStyle = color;
  return context.fillStyle === "#fffffe" ? "" : context.fillStyle;
}
