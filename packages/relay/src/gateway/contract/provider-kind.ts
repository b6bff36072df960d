import type { DialectName, EmulatorCall, ScenarioName } from "@gatestream/emulator";
import type { StreamEvent } from "@gatestream/protocol";
import type { UpstreamSettings } from "../http-provider.ts";
import type { ProviderUnderTest } from "../testing/provider-under-test.ts";

/** One provider as the contract needs it: how it is made, and how its upstream speaks. */
export interface ProviderKind {
  readonly dialect: DialectName;
  /** A provider that asks the emulator, or another server, at `url`. */
  at(url: string, change?: Partial<UpstreamSettings>): ProviderUnderTest;
  /** One whose credentials the emulator does not take. */
  withWrongCredentials(url: string): ProviderUnderTest;
  /** The secrets that both are given; they must never appear in output. */
  readonly secrets: readonly string[];
  /** Who is asked, in order, when the credentials are refused. */
  readonly askedWithWrongCredentials: readonly EmulatorCall["kind"][];
  /** How often a chat is asked for whose credentials are refused on and on. */
  readonly chatsWhenUnauthorized: number;
  /** The refusals of whose stated wait the provider knows. */
  readonly statedWaits: readonly ScenarioName[];
  /** What an answer ends with whose body ends without an end mark. */
  readonly endsEarlyWith: "eof" | "gateway_interrupted";
  /** The request header that has the credentials. */
  readonly credentialHeader: "authorization" | "x-api-key";
  /** The upstream's own words, for a server that is none of the emulator's. */
  readonly wire: {
    readonly contentType: string;
    token(content: string): string;
    readonly end: string;
  };
}

export const stop = { type: "stop", reason: "stop" };

export function isChat({ kind }: EmulatorCall): boolean {
  return kind === "chat";
}

export function chatsOf(calls: readonly EmulatorCall[]): readonly EmulatorCall[] {
  return calls.filter(isChat);
}

/** The text of an answer. */
export function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === "token" ? event.content : "")).join("");
}
