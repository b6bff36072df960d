/// <reference types="node" />
// @vitest-environment node
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { brandColors } from "./brand-colors.ts";

/** From the definition of WCAG 2.2, in another way than the code under test. */
function contrast(one: string, other: string): number {
  const luminance = (color: string): number => {
    const linear = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part > 0.04045 ? Math.pow((part + 0.055) / 1.055, 2.4) : part / 12.92;
    });
    return (linear[0] ?? 0) * 0.2126 + (linear[1] ?? 0) * 0.7152 + (linear[2] ?? 0) * 0.0722;
  };
  const [a, b] = [luminance(one) + 0.05, luminance(other) + 0.05];
  return Math.max(a / b, b / a);
}

const parts = ["00", "33", "66", "80", "99", "cc", "ff"];
const colors = parts.flatMap((r) => parts.flatMap((g) => parts.map((b) => `#${r}${g}${b}`)));

test("each of 343 colours gives an accent that can be read on all that it stands on", async () => {
  const theme = await readFile(new URL("../styles/theme.css", import.meta.url), "utf8");
  const backgrounds = (css: string): readonly string[] =>
    ["page", "surface", "code"].map(
      (name) => new RegExp(`--gs-${name}: (#\\w+)`).exec(css)?.[1] ?? "",
    );
  const behind = {
    light: backgrounds(theme),
    dark: backgrounds(theme.slice(theme.indexOf("@media"))),
  };
  const unreadable: string[] = [];
  for (const color of colors) {
    const schemes = brandColors(color);
    for (const name of ["light", "dark"] as const) {
      const { accent = "", onAccent = "", tint = "" } = schemes?.[name] ?? {};
      const ink = name === "light" ? "#16211f" : "#e4edea";
      const pairs = [
        ...[...behind[name], tint, onAccent].map((other) => [accent, other]),
        [ink, tint],
      ];
      const worst = Math.min(...pairs.map(([one = "", other = ""]) => contrast(one, other)));
      if (!(worst >= 4.5)) unreadable.push(`${color} in ${name}: ${worst}`);
    }
  }
  expect(unreadable).toEqual([]);
});

test("a colour that can be read stays as it is", () => {
  expect(brandColors("#0a6b67")?.light.accent).toBe("#0a6b67");
  expect(brandColors("#5bcbbd")?.dark.accent).toBe("#5bcbbd");
});

test("three digits are six, and what is no colour gives none", () => {
  expect(brandColors(" #0AF ")).toEqual(brandColors("#00aaff"));
  for (const other of ["", "red", "#12", "#12345g", "#1234567"]) {
    expect(brandColors(other)).toBe(undefined);
  }
});
