import type { EmulatorCall } from "../calls/call-log.ts";
import type { Gateway } from "./gateway.ts";
import { type WireEvent, eventsIn } from "./ndjson.ts";

export const question = "How do I reset my password?";

export async function play(gateway: Gateway, content: string): Promise<string> {
  // Not response.text(): that would swallow a byte order mark.
  const body = await (await gateway.chat(`${content} ${question}`)).arrayBuffer();
  return Buffer.from(body).toString("utf8");
}

/** What the plain answer to the same question looks like. */
export async function plainAnswer(
  gateway: Gateway,
): Promise<{ lines: string[]; tokens: WireEvent[] }> {
  const text = await play(gateway, "/scenario answer");
  return { lines: text.trimEnd().split("\n"), tokens: eventsIn(text).slice(0, -1) };
}

export async function lastCall({ emulator }: Gateway): Promise<EmulatorCall> {
  return emulator.waitFor((call) => call === emulator.calls.at(-1) && call.state !== "open");
}
