import { expect, test } from "vitest";
import { createConfigurationCheck } from "./configurations.ts";

function mayUse(allowed: readonly string[], offered?: readonly string[]): boolean {
  const caller =
    offered === undefined ? { subject: "a" } : { subject: "a", configurations: offered };
  try {
    createConfigurationCheck(allowed)(caller, "cfg-1");
    return true;
  } catch (failure) {
    expect(failure).toMatchObject({ code: "forbidden", status: 403 });
    return false;
  }
}

test.each<[allowed: readonly string[], offered: readonly string[] | undefined, may: boolean]>([
  [[], undefined, true],
  [["cfg-1", "cfg-2"], undefined, true],
  [["cfg-2"], undefined, false],
  [["CFG-1"], undefined, false],
  [[], ["cfg-1"], true],
  [[], ["cfg-2"], false],
  [[], [], false],
  [["cfg-1"], ["cfg-1", "cfg-2"], true],
  [["cfg-2"], ["cfg-1"], false],
  [["cfg-1"], ["cfg-2"], false],
])(
  "with %j allowed by the relay and %j to the caller, cfg-1 is open: %s",
  (allowed, offered, may) => {
    expect(mayUse(allowed, offered)).toBe(may);
  },
);
