/** A way for a page to draw an answer: `drawings/<file>.ts`. */
export interface Drawing {
  readonly name: string;
  readonly file: string;
}

export const allDrawings: readonly Drawing[] = [
  { name: "no framework", file: "no-framework" },
  { name: "@gatestream/react", file: "react-hook" },
  { name: "@gatestream/vue", file: "vue-composable" },
  { name: "React, a state for each token", file: "react-state" },
  { name: "Vue, a ref for each token", file: "vue-ref" },
];

/** The built file of a drawing, beside this one's. */
export function drawingUrl({ file }: Drawing): URL {
  return new URL(`./drawing-${file}.js`, import.meta.url);
}
