import { expect, test } from "vitest";
import { spokenText } from "./spoken-text.ts";

test("blocks, items, cells and lines are sentences of their own", () => {
  const markdown = [
    "## Your invoice",
    "It has *two* parts:",
    "- Line rental\n- Calls\n  - At home",
    "| Part | Price |\n| --- | --- |\n| Rental | 9 € |",
    "```js\nlet a;\n```",
    "Is that<br>all?",
  ].join("\n\n");
  expect(spokenText(markdown)).toBe(
    "Your invoice. It has two parts: Line rental. Calls. At home. Part. Price. Rental. 9 €. let a; Is that. all?",
  );
});

test("a long text is cut between two words", () => {
  const spoken = spokenText(`**${"word ".repeat(1000)}**`);
  expect(spoken.length).toBeLessThan(2010);
  expect(spoken).toMatch(/^(?:word )+…$/);
});
