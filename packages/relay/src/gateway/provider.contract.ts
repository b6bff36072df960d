import { describe } from "vitest";
import { testAnswers } from "./contract/answers.ts";
import { testBreaks } from "./contract/breaks.ts";
import { testLeaving } from "./contract/leaving.ts";
import type { ProviderKind } from "./contract/provider-kind.ts";
import { testRefusals } from "./contract/refusals.ts";
import { testSecrets } from "./contract/secrets.ts";
import { testTyped } from "./contract/typed.ts";

/** What every provider over HTTP has to keep, whatever its upstream's dialect. */
export function testProviderContract(kind: ProviderKind): void {
  describe("a whole answer", () => testAnswers(kind));
  describe("an answer of more than text", () => testTyped(kind));
  describe("an answer that breaks off", () => testBreaks(kind));
  describe("no answer at all", () => testRefusals(kind));
  describe("a reader that leaves", () => testLeaving(kind));
  describe("secrets", () => testSecrets(kind));
}
