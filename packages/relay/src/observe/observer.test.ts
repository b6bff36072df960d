import { once } from "node:events";
import { expect, test } from "vitest";
import { combineObservers, type ObserverEvent } from "./observer.ts";

test("an observer that throws what cannot become text disturbs no other", async () => {
  const warned = once(process, "warning");
  const seen: ObserverEvent[] = [];
  const observe = combineObservers(
    () => {
      throw Object.create(null);
    },
    (event) => seen.push(event),
  );
  observe({ type: "redis_ready" });
  expect(seen).toEqual([{ type: "redis_ready" }]);
  expect(await warned).toMatchObject([{ name: "GatestreamWarning" }]);
});
