export type { EmulatorCall } from "./calls/call-log.ts";
export type { EmulatorClock } from "./clock.ts";
export type { DialectName } from "./dialects/dialect.ts";
export { type Emulator, createEmulator } from "./emulator.ts";
export type { EmulatorOptions } from "./emulator-options.ts";
export type { ListenOptions } from "./http/listener.ts";
export { type CommandSurroundings, runCommand } from "./run-command.ts";
export {
  type ScenarioName,
  scenarioDialects,
  scenarioNames,
  scenarioSummary,
} from "./scenarios/scenario-table.ts";
