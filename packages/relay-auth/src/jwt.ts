import { hint, OptionsError, readSettings, type Authenticate } from "@gatestream/relay/parts";
import { jwtProblems, jwtSettingTable, type JwtSettings } from "./settings.ts";
import { createJwtAuthenticator } from "./create-jwt-authenticator.ts";

/** A setting of the relay without its prefix: `jwtJwksUrl` is `jwksUrl`. */
type OptionName<Name> = Name extends `jwt${infer Rest}` ? Uncapitalize<Rest> : never;

/** One of `jwksUrl`, `secret` and `publicKey`, and what differs from the defaults. */
export type JwtOptions = {
  readonly [Name in keyof JwtSettings as OptionName<Name>]?: JwtSettings[Name];
};

const optionNames = Object.keys(jwtSettingTable).map(optionName);

/**
 * Accepts requests with a valid signed JWT, for `createRelay({ authenticate })`.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 */
export function jwt(options: JwtOptions): Authenticate {
  const unknown = Object.keys(options).filter((name) => !optionNames.includes(name));
  const given = Object.entries(options).map(([name, value]) => [settingName(name), value]);
  const read = readSettings(jwtSettingTable, Object.fromEntries(given));
  // The table's types: what does not fit has its default.
  const settings = read.settings as JwtSettings;
  const problems = [
    ...unknown.map((name) => `${name} is not an option of jwt${hint(name, optionNames)}`),
    ...[...read.problems, ...jwtProblems(settings)].map(withOptionNames),
  ];
  if (problems.length > 0) throw new OptionsError(problems);
  return createJwtAuthenticator(settings);
}

function settingName(option: string): string {
  return `jwt${option.charAt(0).toUpperCase()}${option.slice(1)}`;
}

function optionName(setting: string): string {
  return `${setting.charAt(3).toLowerCase()}${setting.slice(4)}`;
}

/** Names the options in place of the settings, and their variables, that `problem` speaks of. */
function withOptionNames(problem: string): string {
  return problem.replaceAll(/\b(jwt[A-Z]\w*)(?: \[\w+\])?/g, (_, name: string) => optionName(name));
}
