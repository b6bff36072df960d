import type { Dialect } from "../dialect.ts";
import { openai } from "../openai/openai.ts";
import { readChat } from "./read-chat.ts";

/** Responses as OpenAI serves them; refusals and limits are those of its chat completions. */
export const openaiResponses: Dialect = { ...openai, name: "openai-responses", readChat };
