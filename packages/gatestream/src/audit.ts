import type { Audit } from "@gatestream/relay";
import { audit, jsonLines } from "@gatestream/relay-audit";
import { redisAudit } from "@gatestream/relay-redis";
import type { CommandSettings } from "./settings/command-settings.ts";

/** The record that the settings ask for. */
export function auditOf(settings: CommandSettings): Audit | undefined {
  const { auditTo: where, auditContent, auditRequired, redisUrl } = settings;
  if (where === "") return undefined;
  const sink = where === "redis" ? redisAudit({ url: redisUrl }) : jsonLines(where);
  return audit(sink, { content: auditContent, required: auditRequired });
}
