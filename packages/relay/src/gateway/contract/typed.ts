import { scenarioDialects, type ScenarioName } from "@gatestream/emulator";
import type { SourceEvent, StreamEvent, ToolCallEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { startEmulator } from "../testing/start-emulator.ts";
import type { ProviderKind } from "./provider-kind.ts";

export function testTyped(kind: ProviderKind): void {
  async function eventsOf(scenario: ScenarioName): Promise<readonly StreamEvent[]> {
    const { url } = await startEmulator({ scenario });
    const { events, failure } = await kind.at(url).ask();
    expect(failure).toBeUndefined();
    return events;
  }

  test("what the model thinks is reasoning, in its pieces, before the text", async () => {
    const events = await eventsOf("reasoning");
    expect(events.slice(0, 4)).toEqual([
      { type: "reasoning", content: "They ask a question. " },
      { type: "reasoning", content: "I should be " },
      { type: "reasoning", content: "brief." },
      { type: "token", content: "##", index: 0 },
    ]);
  });

  test("a call of a tool has its identity in each event, its arguments in pieces, and one end", async () => {
    const events = await eventsOf("tool-call");
    const calls = events.filter((event) => event.type === "tool_call") as ToolCallEvent[];
    const identities = new Set(calls.map(({ callId, name }) => `${callId} ${name}`));
    expect([...identities]).toEqual(["call_1 find_order", "call_2 find_customer"]);
    for (const [callId, expected] of [
      ["call_1", { id: 4711 }],
      ["call_2", { name: "Ada" }],
    ] as const) {
      const own = calls.filter((call) => call.callId === callId);
      const text = own.map(({ argumentsDelta = "" }) => argumentsDelta).join("");
      expect(JSON.parse(text)).toEqual(expected);
      expect(own.map(({ isComplete = false }) => isComplete)).toEqual(
        own.map((_, at) => at === own.length - 1),
      );
    }
    expect(events.at(-1)).toMatchObject({ type: "stop", reason: "tool_calls" });
  });

  test("sources have ids of their own and stand where they came", async () => {
    const events = await eventsOf("sources");
    const sources = events.filter((event) => event.type === "source") as SourceEvent[];
    expect(sources).toMatchObject([
      { sourceId: "1", url: "https://example.com/hours", title: "Opening hours" },
      { sourceId: "2", url: "https://example.com/contact", title: "Contact" },
    ]);
    const types = events.map(({ type }) => type);
    expect(types.slice(types.indexOf("source"))).toContain("token");
  });

  test.runIf(scenarioDialects("file").includes(kind.dialect))(
    "a file has its media type and its data",
    async () => {
      expect(await eventsOf("file")).toContainEqual({
        type: "file",
        mediaType: "image/png",
        data: expect.stringMatching(/^iVBORw0KGgo.+=$/),
      });
    },
  );
}
