import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWireDrawer } from "./wire-drawer.ts";
import { wireListeners } from "./wire-listeners.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open() {
  const element = document.createElement("div");
  const drawer = createWireDrawer(element);
  const texts = (selector: string): readonly string[] =>
    [...element.querySelectorAll(selector)].map(({ textContent }) => textContent);
  return {
    drawer,
    figure: (name: string) => texts(`[data-figure=${name}]`)[0],
    ids: () => texts(".gs-event-id"),
    types: () => texts(".gs-event-type"),
    data: () => texts(".gs-event-data"),
    points: () => element.querySelector("polyline")?.getAttribute("points") ?? "",
  };
}

const token = (index: number) => ({ type: "token", content: ` ${index}`, index }) as const;

test("events are listed as they came, with the ids of those that have one", () => {
  const { drawer, ids, types, data } = open();
  drawer.begin();
  drawer.record({
    type: "start",
    streamId: "s",
    resumable: true,
    resumableForMs: 9,
    heartbeatMs: 1,
  });
  drawer.record(token(0));
  drawer.record({ type: "gap", from: 2, to: 4 });
  drawer.record(token(4));
  drawer.record({ type: "stop", reason: "eof" });
  drawer.end();
  expect(types()).toEqual(["start", "token", "gap", "token", "stop"]);
  expect(ids()).toEqual(["", "1", "", "5", "6"]);
  expect(data()[1]).toBe('" 0"');
  expect(data()[4]).toBe('reason: "eof"');
});

test("only the newest two hundred stay", () => {
  const { drawer, ids } = open();
  drawer.begin();
  for (let index = 0; index < 250; index += 1) {
    drawer.record(token(index));
    if (index % 40 === 0) vi.advanceTimersByTime(250);
  }
  drawer.end();
  expect([ids().length, ids()[0], ids().at(-1)]).toEqual([200, "51", "250"]);
});

test("figures tell the first token, the pace and every reconnection", () => {
  const { drawer, figure } = open();
  drawer.begin();
  drawer.status("connecting");
  vi.advanceTimersByTime(300);
  drawer.status("streaming");
  for (let index = 0; index < 11; index += 1) {
    drawer.record(token(index));
    vi.advanceTimersByTime(100);
  }
  for (const status of ["reconnecting", "streaming", "reconnecting", "streaming"] as const) {
    drawer.status(status);
  }
  drawer.status("done");
  drawer.end();
  expect(figure("first-token")).toBe("300 ms");
  expect(figure("tokens-per-second")).toBe("10.0");
  expect(figure("reconnects")).toBe("2");
  expect(figure("status")).toBe("done");
  drawer.begin();
  expect([figure("first-token"), figure("tokens"), figure("reconnects")]).toEqual(["–", "0", "0"]);
});

test("it is redrawn at most four times a second", () => {
  const { drawer, figure } = open();
  drawer.begin();
  const seen = new Set<string | undefined>();
  for (let index = 0; index < 100; index += 1) {
    drawer.record(token(index));
    vi.advanceTimersByTime(10);
    seen.add(figure("tokens"));
  }
  expect([...seen]).toEqual(["0", "25", "50", "75", "100"]);
});

test("for those who prefer stillness the plot is drawn at the end", () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  const { drawer, points } = open();
  drawer.begin();
  drawer.record(token(0));
  vi.advanceTimersByTime(600);
  expect(points()).toBe("");
  drawer.end();
  expect(points().split(" ").length).toBeGreaterThan(2);
});

test("a chat's listeners begin and end, and an answer that is gone on with keeps its ids", () => {
  const { drawer, ids, figure } = open();
  const checkpoint = { streamId: "s", lastEventId: 7, text: "" };
  const { onEvent, onStatus } = wireListeners(drawer, {
    load: () => ({ messages: [], checkpoint }),
  });
  onStatus("connecting");
  onEvent(token(7));
  onStatus("streaming");
  onEvent({ type: "stop", reason: "stop" });
  onStatus("done");
  expect(ids()).toEqual(["8", "9"]);
  onStatus("connecting");
  onEvent(token(0));
  onStatus("cancelled");
  expect(ids()).toEqual(["1"]);
  expect(figure("status")).toBe("cancelled");
});
