import { readFile } from "node:fs/promises";
import { socketCloseCodes } from "@gatestream/protocol";
import { expect, test } from "vitest";

test("PROTOCOL.md has a row for every code that the relay closes a socket with", async () => {
  const page = await readFile(new URL("../../../../PROTOCOL.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| \d{4} /.test(line));
  const reported = rows.flatMap((row) => row.split("|")[1]?.match(/\d{4}/g) ?? []);
  // The library closes with these two.
  const ours = [...Object.values(socketCloseCodes), 1007, 1009].map(String);
  expect(reported.toSorted()).toEqual(ours.toSorted());
});
