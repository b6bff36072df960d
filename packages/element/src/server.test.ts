// @vitest-environment node
import { expect, test } from "vitest";

test("a server that renders pages may import the element", async () => {
  expect(globalThis.HTMLElement).toBeUndefined();
  const { GatestreamChat } = await import("./index.ts");
  expect(typeof GatestreamChat).toBe("function");
});
