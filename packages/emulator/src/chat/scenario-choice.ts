import {
  type ScenarioName,
  isScenarioName,
  scenarioNames,
  scenarioTable,
} from "../scenarios/scenario-table.ts";
import type { ChatMessage } from "./chat-request.ts";

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
  defaultScenario: ScenarioName,
): ScenarioChoice | string {
  const question = messages.findLast(({ role }) => role === "user")?.content ?? "";
  const match = command.exec(question);
  if (match === null) return { scenario: defaultScenario, argument: question, question };

  const { name = "", argument = "" } = match.groups ?? {};
  if (!isScenarioName(name) || scenarioTable[name].tokenEndpoint !== undefined) {
    return `No message can choose the scenario "${name}". Choose one of: ${choosable().join(", ")}.`;
  }
  return { scenario: name, argument, question: argument };
}

function choosable(): ScenarioName[] {
  return scenarioNames.filter((name) => scenarioTable[name].tokenEndpoint === undefined);
}
