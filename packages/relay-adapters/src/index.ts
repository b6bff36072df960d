import type { Adapter } from "@gatestream/relay/parts";
import { agUi } from "./ag-ui/ag-ui.ts";
import { aiSdk } from "./ai-sdk/ai-sdk.ts";
import { openaiAdapter } from "./openai/openai.ts";

export { agUi, aiSdk, openaiAdapter };

const adapters: Readonly<Record<string, () => Adapter>> = {
  "ai-sdk": aiSdk,
  openai: openaiAdapter,
  "ag-ui": agUi,
};

/** The adapter of a name in the relay's setting `adapters`. */
export function adapterNamed(name: string): Adapter {
  const create = adapters[name];
  if (create === undefined) throw new Error(`There is no adapter ${name}.`);
  return create();
}
