/** The colours that one brand colour gives, as `#rrggbb`: each can be read on what it stands on. */
export interface BrandColors {
  readonly light: BrandScheme;
  readonly dark: BrandScheme;
}

export interface BrandScheme {
  /** Links, and the button that sends: a contrast of at least 4.5:1 to all that is behind it. */
  readonly accent: string;
  /** Text on the accent: a contrast of at least 4.5:1. */
  readonly onAccent: string;
  /** Behind what was asked. */
  readonly tint: string;
}

type Rgb = readonly [number, number, number];

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];
// What the accent stands on beside the tint: --gs-code and --gs-surface, the extremes of theme.css.
const lightBackground: Rgb = [0xef, 0xf4, 0xf2];
const darkBackground: Rgb = [0x16, 0x21, 0x1f];
/** WCAG 2.2, "Contrast (Minimum)". */
const minContrast = 4.5;
const tintShare = 0.12;
const steps = 50;

/**
 * Computes the accent for light and dark from one colour: as close to it as the contrast allows.
 *
 * @param color `#rgb` or `#rrggbb`.
 * @returns undefined for what is no such colour.
 */
export function brandColors(color: string): BrandColors | undefined {
  const [, digits] = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(color.trim()) ?? [];
  if (digits === undefined) return undefined;
  const [r = 0, g = 0, b = 0] = (digits.match(digits.length === 3 ? /./g : /../g) ?? []).map(
    (part) => parseInt(part.padStart(2, part), 16),
  );
  const brand: Rgb = [r, g, b];
  return {
    light: scheme(brand, { background: lightBackground, towards: black, onAccent: white }),
    dark: scheme(brand, { background: darkBackground, towards: white, onAccent: black }),
  };
}

interface Surroundings {
  readonly background: Rgb;
  /** Where more contrast is. */
  readonly towards: Rgb;
  readonly onAccent: Rgb;
}

function scheme(brand: Rgb, { background, towards, onAccent }: Surroundings): BrandScheme {
  const tint = mix(background, brand, tintShare);
  for (let step = 0; ; step += 1) {
    const accent = mix(brand, towards, step / steps);
    const contrasts = [background, tint, onAccent].map((other) => contrast(accent, other));
    // At the end, it is black on what is light, or white on what is dark.
    if (Math.min(...contrasts) >= minContrast || step === steps) {
      return { accent: hex(accent), onAccent: hex(onAccent), tint: hex(tint) };
    }
  }
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2): number =>
    Math.round(one[index] + (other[index] - one[index]) * share);
  return [part(0), part(1), part(2)];
}

function hex(color: Rgb): string {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(color: Rgb): number {
  const [r = 0, g = 0, b = 0] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
