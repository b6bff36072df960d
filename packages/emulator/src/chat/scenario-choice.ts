import type { ChatMessage } from "../dialects/chat-messages.ts";
import type { DialectName } from "../dialects/dialect.ts";
import {
  type ScenarioName,
  isScenarioName,
  scenarioDialects,
  scenarioNames,
  scenarioTable,
} from "../scenarios/scenario-table.ts";

export interface ScenarioChoice {
  readonly scenario: ScenarioName;
  /** What follows `/scenario NAME`; the whole message when there is no such start. */
  readonly argument: string;
  readonly question: string;
}

const command = /^\/scenario(?:\s+(?<name>\S+))?(?:\s+(?<argument>[^]*))?$/;

/** What to play: the last user message may say so; a text says why what it says is impossible. */
export function chooseScenario(
  messages: readonly ChatMessage[],
  dialect: DialectName,
  defaultScenario: ScenarioName,
): ScenarioChoice | string {
  const question = messages.findLast(({ role }) => role === "user")?.content ?? "";
  const match = command.exec(question);
  if (match === null) {
    return ifSpoken({ scenario: defaultScenario, argument: question, question }, dialect);
  }
  const { name = "", argument = "" } = match.groups ?? {};
  if (!isScenarioName(name) || scenarioTable[name].tokenEndpoint !== undefined) {
    return `No message can choose the scenario "${name}". ${advice(dialect)}`;
  }
  return ifSpoken({ scenario: name, argument, question: argument }, dialect);
}

function ifSpoken(choice: ScenarioChoice, dialect: DialectName): ScenarioChoice | string {
  if (scenarioDialects(choice.scenario).includes(dialect)) return choice;
  return `The scenario "${choice.scenario}" does not exist at this endpoint. ${advice(dialect)}`;
}

function advice(dialect: DialectName): string {
  const choosable = scenarioNames.filter(
    (name) =>
      scenarioTable[name].tokenEndpoint === undefined && scenarioDialects(name).includes(dialect),
  );
  return `Choose one of: ${choosable.join(", ")}.`;
}
