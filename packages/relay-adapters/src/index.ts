import type { Adapter } from "@gatestream/relay/parts";
import { aiSdk } from "./ai-sdk/ai-sdk.ts";

export { aiSdk } from "./ai-sdk/ai-sdk.ts";

const adapters: Readonly<Record<string, () => Adapter>> = { "ai-sdk": aiSdk };

/** The adapter of a name in the relay's setting `adapters`. */
export function adapterNamed(name: string): Adapter {
  const create = adapters[name];
  if (create === undefined) throw new Error(`There is no adapter ${name}.`);
  return create();
}
