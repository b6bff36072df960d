/** What a server is told when it is started. */
export interface Surroundings {
  readonly port: number;
  readonly upstreamUrl: string;
  /** Where the gateway's own dialect is spoken. */
  readonly chatUrl: string;
}

export function readSurroundings(): Surroundings {
  // Nobody asks any more.
  process.on("disconnect", () => process.exit());
  const upstreamUrl = process.env["UPSTREAM_URL"] ?? "";
  return {
    port: Number(process.env["PORT"]),
    upstreamUrl,
    chatUrl: `${upstreamUrl}/api/v2/ai/llm/gateway/chat`,
  };
}
