import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorTable } from "@gatestream/protocol";

test("PROTOCOL.md lists every error as the table has it", async () => {
  const text = await readFile(new URL("../../../../PROTOCOL.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `(\w+)` *\| (\d{3}) *\| (yes|no) *\| (.+?) *\|$/gm)];
  expect(documented.map(([, ...cells]) => cells)).toEqual(
    Object.entries(errorTable).map(([code, { status, retryable, meaning }]) => [
      code,
      String(status),
      retryable ? "yes" : "no",
      meaning,
    ]),
  );
});
