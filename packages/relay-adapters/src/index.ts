import type { Adapter } from "@gatestream/relay/parts";
import { aiSdk } from "./ai-sdk/ai-sdk.ts";
import { openaiAdapter } from "./openai/openai.ts";

export { aiSdk, openaiAdapter };

const adapters: Readonly<Record<string, () => Adapter>> = {
  "ai-sdk": aiSdk,
  openai: openaiAdapter,
};

/** The adapter of a name in the relay's setting `adapters`. */
export function adapterNamed(name: string): Adapter {
  const create = adapters[name];
  if (create === undefined) throw new Error(`There is no adapter ${name}.`);
  return create();
}
