import { commandSettingTable, type CommandSettingName } from "../command-settings.ts";

const examples: Partial<Record<CommandSettingName, string>> = {
  host: "localhost",
  basePath: "/other",
  trustedProxies: "loopback,10.0.0.0/8",
  auth: "none",
  allowedOrigins: "https://app.example.com,https://www.example.com",
  jwtJwksUrl: "https://login.example.com/keys",
  jwtAlgorithms: "ES256",
  resume: "memory",
  redisUrl: "redis://127.0.0.1:6379",
  logLevel: "debug",
};

/** A setting's value as text: one that it takes, and not its default. */
export function exampleOf(name: CommandSettingName): string {
  const row = commandSettingTable[name];
  const example = examples[name];
  if (example !== undefined) return example;
  if ("min" in row) return String(row.default + 1);
  return typeof row.default === "boolean" ? String(!row.default) : "an-example";
}
