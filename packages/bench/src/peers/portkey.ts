import { messages, requestText } from "../load/target.ts";
import { ownProgram } from "../processes/processes.ts";
import type { Peer } from "./peer.ts";

export const portkey: Peer = {
  name: "portkey",
  what: "Portkey's gateway before an OpenAI-compatible one.",
  command({ port }) {
    const program = ownProgram("peer-portkey", { NODE_ENV: "production" });
    return { ...program, args: [...program.args, `--port=${port}`, "--headless"] };
  },
  target: ({ port, upstreamPort }) => ({
    port,
    request: requestText({
      method: "POST",
      path: "/v1/chat/completions",
      headers: {
        Authorization: "Bearer bench",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": `http://127.0.0.1:${upstreamPort}/v1`,
      },
      body: { model: "bench", messages, stream: true },
    }),
  }),
};
