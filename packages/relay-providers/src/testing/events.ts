import type { Expected } from "./fixtures.ts";

export const token = (content: string, index: number) => ({ type: "token", content, index });

export const reasoning = (content: string) => ({ type: "reasoning", content });

export const stop = (reason: string, usage?: object) => ({
  type: "stop",
  reason,
  ...(usage && { usage }),
});

/** A call whose arguments came in these pieces. */
export function call(callId: string, name: string, ...pieces: readonly string[]): Expected {
  return [
    ...pieces.map((argumentsDelta) => ({ type: "tool_call", callId, name, argumentsDelta })),
    { type: "tool_call", callId, name, isComplete: true },
  ];
}

/** The page that all fixtures cite. */
export const hours = {
  type: "source",
  url: "https://example.com/hours",
  title: "Opening hours",
};
