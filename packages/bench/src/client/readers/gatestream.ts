import { createClient } from "@gatestream/client";
import { createTally } from "./tally.ts";

export async function readAnswer(baseUrl: string): Promise<number> {
  const tally = createTally();
  const messages = [{ role: "user" as const, content: "Hello" }];
  const client = createClient({ url: baseUrl });
  await client
    .stream({ configurationId: "bench", messages }, { onToken: (content) => tally.add(content) })
    .result();
  return tally.tokens();
}
