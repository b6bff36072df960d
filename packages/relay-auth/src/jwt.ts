import {
  brokenRule,
  hint,
  OptionsError,
  settingNames,
  settingTable,
  shown,
  type Authenticate,
  type JwtSettings,
} from "@gatestream/relay/parts";
import { jwtProblems } from "./settings.ts";
import { createJwtAuthenticator } from "./create-jwt-authenticator.ts";

/** A setting of the relay without its prefix: `jwtJwksUrl` is `jwksUrl`. */
type OptionName<Name> = Name extends `jwt${infer Rest}` ? Uncapitalize<Rest> : never;

/** One of `jwksUrl`, `secret` and `publicKey`, and what differs from the defaults. */
export type JwtOptions = {
  readonly [Name in keyof JwtSettings as OptionName<Name>]?: JwtSettings[Name];
};

/** Option → setting. */
const settingOf = new Map(
  settingNames
    .filter((name) => name.startsWith("jwt"))
    .map((name) => [name.charAt(3).toLowerCase() + name.slice(4), name]),
);

/**
 * Accepts requests with a valid signed JWT, for `createRelay({ authenticate })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function jwt(options: JwtOptions): Authenticate {
  const problems: string[] = [];
  for (const name of Object.keys(options)) {
    if (!settingOf.has(name)) {
      problems.push(`${name} is not an option of jwt${hint(name, settingOf.keys())}`);
    }
  }
  const given: Readonly<Record<string, unknown>> = { ...options };
  const entries = [...settingOf].map(([name, setting]) => {
    const row = settingTable[setting];
    const value = given[name] ?? row.default;
    const rule = brokenRule(row, value);
    if (rule === undefined) return [setting, value];
    problems.push(`${name}${"secret" in row ? "" : ` (${shown(value)})`} must ${rule}.`);
    return [setting, row.default];
  });
  // Every setting of the table that begins with jwt, with a value of its row's type.
  const settings = Object.fromEntries(entries) as JwtSettings;
  problems.push(...jwtProblems(settings).map(withOptionNames));
  if (problems.length > 0) throw new OptionsError(problems);
  return createJwtAuthenticator(settings);
}

/** Names the options in place of the settings that `problem` speaks of. */
function withOptionNames(problem: string): string {
  return [...settingOf].reduce(
    (text, [name, setting]) => text.replaceAll(new RegExp(`\\b${setting}\\b`, "g"), name),
    problem,
  );
}
