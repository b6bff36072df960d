import { ask } from "../../testing/gateway-call.ts";

/** A question that no other test asks, as one types it, for a scenario of the emulator. */
export function typedQuestion(scenario?: string): {
  readonly question: string;
  readonly text: string;
} {
  const { question, request } = ask(scenario);
  return { question, text: String(request.messages[0]?.content ?? "") };
}
