import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createInspector } from "./inspector.ts";
import { inspectorListeners } from "./listeners.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open() {
  const inspector = createInspector();
  const { element } = inspector;
  const texts = (selector: string): readonly string[] =>
    [...element.querySelectorAll(selector)].map(({ textContent }) => textContent);
  return {
    inspector,
    figure: (name: string) => texts(`[data-figure=${name}]`)[0],
    ids: () => texts(".gs-event-id"),
    types: () => texts(".gs-event-type"),
    data: () => texts(".gs-event-data"),
    points: () => element.querySelector("polyline")?.getAttribute("points") ?? "",
  };
}

const token = (index: number) => ({ type: "token", content: ` ${index}`, index }) as const;

test("events are listed as they came, with the ids of those that have one", () => {
  const { inspector, ids, types, data } = open();
  inspector.begin();
  inspector.record({
    type: "start",
    streamId: "s",
    resumable: true,
    resumableForMs: 9,
    heartbeatMs: 1,
  });
  inspector.record(token(0));
  inspector.record({ type: "gap", from: 2, to: 4 });
  inspector.record(token(4));
  inspector.record({ type: "stop", reason: "eof" });
  inspector.end();
  expect(types()).toEqual(["start", "token", "gap", "token", "stop"]);
  expect(ids()).toEqual(["", "1", "", "5", "6"]);
  expect(data()[1]).toBe('" 0"');
  expect(data()[4]).toBe('reason: "eof"');
});

test("only the newest two hundred stay", () => {
  const { inspector, ids } = open();
  inspector.begin();
  for (let index = 0; index < 250; index += 1) {
    inspector.record(token(index));
    if (index % 40 === 0) vi.advanceTimersByTime(250);
  }
  inspector.end();
  expect([ids().length, ids()[0], ids().at(-1)]).toEqual([200, "51", "250"]);
});

test("figures tell the first token, the pace and every reconnection", () => {
  const { inspector, figure } = open();
  inspector.begin();
  inspector.status("connecting");
  vi.advanceTimersByTime(300);
  inspector.status("streaming");
  for (let index = 0; index < 11; index += 1) {
    inspector.record(token(index));
    vi.advanceTimersByTime(100);
  }
  for (const status of ["reconnecting", "streaming", "reconnecting", "streaming"] as const) {
    inspector.status(status);
  }
  inspector.status("done");
  inspector.end();
  expect(figure("first-token")).toBe("300 ms");
  expect(figure("tokens-per-second")).toBe("10.0");
  expect(figure("reconnects")).toBe("2");
  expect(figure("status")).toBe("done");
  inspector.begin();
  expect([figure("first-token"), figure("tokens"), figure("reconnects")]).toEqual(["–", "0", "0"]);
});

test("it is redrawn at most four times a second", () => {
  const { inspector, figure } = open();
  inspector.begin();
  const seen = new Set<string | undefined>();
  for (let index = 0; index < 100; index += 1) {
    inspector.record(token(index));
    vi.advanceTimersByTime(10);
    seen.add(figure("tokens"));
  }
  expect([...seen]).toEqual(["0", "25", "50", "75", "100"]);
});

test("for those who prefer stillness the plot is drawn at the end", () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  const { inspector, points } = open();
  inspector.begin();
  inspector.record(token(0));
  vi.advanceTimersByTime(600);
  expect(points()).toBe("");
  inspector.end();
  expect(points().split(" ").length).toBeGreaterThan(2);
});

test("a chat's listeners begin and end, and an answer that is gone on with keeps its ids", () => {
  const { inspector, ids, figure } = open();
  const checkpoint = { streamId: "s", lastEventId: 7, text: "" };
  const { onEvent, onStatus } = inspectorListeners(inspector, {
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
