import { expect, test } from "vitest";
import { createFigureBook } from "./figures.ts";

const cpu = { name: "CPU", unit: "µs", decimals: 1 };

test("rounds of one contender and measure make one figure", () => {
  const book = createFigureBook("paced", [cpu]);
  book.note("pipe", { CPU: 3 });
  book.note("nginx", { CPU: 1 });
  book.note("pipe", { CPU: 4 });
  expect(book.figures).toEqual([
    { scenario: "paced", contender: "pipe", measure: "CPU", unit: "µs", samples: [3, 4] },
    { scenario: "paced", contender: "nginx", measure: "CPU", unit: "µs", samples: [1] },
  ]);
});

test("a sample of something that has no column is refused", () => {
  expect(() => createFigureBook("paced", [cpu]).note("pipe", { GPU: 3 })).toThrow('"GPU"');
});
