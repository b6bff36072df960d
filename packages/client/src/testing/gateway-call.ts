import type { EmulatorCall } from "@gatestream/emulator";
import type { StreamRequest } from "@gatestream/protocol";
import { inject } from "vitest";

/** Which call of the emulated gateway a test waits for. */
export interface CallWish {
  /** A part of its body that no other call has. */
  readonly question: string;
  readonly state?: EmulatorCall["state"];
  /** Its scenario is being played. */
  readonly isAccepted?: true;
}

/** A question that no other test asks, for a scenario of the emulator. */
export function ask(
  scenario = "answer",
  argument = "",
): {
  readonly question: string;
  readonly request: StreamRequest;
} {
  const question = `Question ${Math.random().toString(36).slice(2)}`;
  const content = `/scenario ${scenario} ${argument} ${question}`;
  return { question, request: { configurationId: "cfg-1", messages: [{ role: "user", content }] } };
}

/** Waits until the gateway has a call as wished. */
export async function gatewayCall(wish: CallWish): Promise<EmulatorCall> {
  const query = new URLSearchParams(Object.entries(wish).map(([key, value]) => [key, `${value}`]));
  const response = await fetch(`${inject("servers").controlUrl}/?${query}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
