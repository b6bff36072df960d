import type { Client } from "@gatestream/client";
import type { Labels } from "@gatestream/ui";

/** There, or not: an attribute whose value does not count. */
type Flag = true | "" | undefined;

/** What `<gatestream-chat>` takes in a template: attributes, and the two properties that are objects. */
export interface GatestreamChatAttributes {
  readonly src?: string | undefined;
  readonly "configuration-id"?: string | undefined;
  readonly persist?: string | undefined;
  readonly storage?: "local" | "session" | undefined;
  readonly conversations?: Flag;
  readonly resumable?: Flag;
  readonly wire?: Flag;
  readonly heading?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly greeting?: string | undefined;
  readonly prompts?: string | undefined;
  readonly disclaimer?: string | undefined;
  readonly logo?: string | undefined;
  readonly launcher?: Flag;
  readonly download?: Flag;
  readonly feedback?: Flag;
  readonly handover?: Flag;
  readonly "image-origins"?: string | undefined;
  readonly theme?: "light" | "dark" | "system" | undefined;
  readonly "brand-color"?: string | undefined;
  readonly density?: "compact" | undefined;
  readonly client?: Client | undefined;
  readonly labels?: Labels | undefined;
}
