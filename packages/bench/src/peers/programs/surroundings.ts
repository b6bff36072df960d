/** The parameters that a server is started with. */
export interface Surroundings {
  readonly port: number;
  readonly upstreamUrl: string;
  /** Where the gateway's own dialect is spoken. */
  readonly chatUrl: string;
}

export function readSurroundings(): Surroundings {
  // The parent process is gone.
  process.on("disconnect", () => process.exit());
  const upstreamUrl = process.env["UPSTREAM_URL"] ?? "";
  return {
    port: Number(process.env["PORT"]),
    upstreamUrl,
    chatUrl: `${upstreamUrl}/api/v2/ai/llm/gateway/chat`,
  };
}
