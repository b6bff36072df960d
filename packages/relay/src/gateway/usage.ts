import type { Usage } from "@gatestream/protocol";
import { isObject } from "../json.ts";

type Fields = Readonly<Record<string, unknown>>;
type Count = Exclude<keyof Usage, "isEstimate" | "raw">;

/** What upstreams call each count: OpenAI, Anthropic, Gemini, DeepSeek. */
const namesOf: Readonly<Record<Count, readonly string[]>> = {
  inputTokens: ["input_tokens", "prompt_tokens", "promptTokens", "promptTokenCount"],
  outputTokens: ["output_tokens", "completion_tokens", "completionTokens", "candidatesTokenCount"],
  totalTokens: ["total_tokens", "totalTokenCount"],
  reasoningTokens: ["reasoning_tokens", "thinking_tokens", "thoughtsTokenCount"],
  cachedInputTokens: [
    "cached_tokens",
    "cache_read_input_tokens",
    "prompt_cache_hit_tokens",
    "cachedContentTokenCount",
  ],
};

const counts = Object.keys(namesOf) as readonly Count[];
const ownNames: ReadonlySet<string> = new Set([...counts, "isEstimate", "raw"]);

/** What belongs to a count and is told beside it: Anthropic's caches, Gemini's tools and thoughts. */
const additions: Readonly<Record<string, readonly string[]>> = {
  input_tokens: ["cache_read_input_tokens", "cache_creation_input_tokens"],
  promptTokenCount: ["toolUsePromptTokenCount"],
  candidatesTokenCount: ["thoughtsTokenCount"],
};

/**
 * The usage that an upstream told, whatever it calls its fields; undefined where it told none. Values
 * that are no counts are left out.
 */
export function readUsage(told: unknown): Usage | undefined {
  if (!isObject(told)) return undefined;
  const fields = { ...detailsIn(told), ...told };
  const usage: Record<string, unknown> = {};
  for (const count of counts) {
    const name = [count, ...namesOf[count]].find((each) => isCount(fields[each]));
    if (name === undefined) continue;
    const added = (additions[name] ?? []).map((each) => fields[each]).filter(isCount);
    usage[count] = added.reduce((sum, each) => sum + each, Number(fields[name]));
  }
  if (told["isEstimate"] === true) usage["isEstimate"] = true;
  const hasOtherNames = Object.keys(told).some((name) => !ownNames.has(name));
  const raw = hasOtherNames ? told : told["raw"];
  if (isObject(raw)) usage["raw"] = raw;
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** What stands in `prompt_tokens_details` and the like. */
function detailsIn(told: Fields): Fields {
  const details = Object.keys(told).filter((name) => name.endsWith("_details"));
  return Object.assign({}, ...details.map((name) => told[name]).filter(isObject));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
