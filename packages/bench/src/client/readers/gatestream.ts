import { createClient } from "@gatestream/client";
import { answerRequest } from "../answer-request.ts";
import { createTally } from "./tally.ts";

export async function readAnswer(baseUrl: string): Promise<number> {
  const tally = createTally();
  const client = createClient({ url: baseUrl });
  await client.stream(answerRequest, { onToken: (content) => tally.add(content) }).result();
  return tally.tokens();
}
