import { expect } from "vitest";
import { question } from "./ask.ts";
import type { ResumingReader } from "./resuming-reader.ts";

/** How many tokens the emulator answers `askForWhole` with. */
export const tokenCount = 12;
/** The id of the end. */
export const lastId = tokenCount + 1;
/** Every id that there is. */
export const everyId = Array.from({ length: lastId }, (_, index) => index + 1);

const text = Array.from({ length: tokenCount }, (_, index) => `${index} `).join("");

/** A request for an answer that goes on without its reader. */
export const askForWhole = {
  ...question(`/scenario many-tokens ${tokenCount}`),
  onDisconnect: "detach",
};

/** The ids of what a reader has taken. */
export function idsOf({ events }: ResumingReader): number[] {
  return events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
}

/** The names of the notices that it has taken, in order. */
export function noticesOf({ events }: ResumingReader): string[] {
  return events.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** The text that it has taken. */
export function textOf({ events }: ResumingReader): string {
  return events.map(({ event }) => (event.type === "token" ? event.content : "")).join("");
}

/** The reader has everything once, in order, with one end. */
export function expectWhole(reader: ResumingReader): void {
  expect(idsOf(reader)).toEqual(everyId);
  expect(textOf(reader)).toBe(text);
  const ends = reader.events.filter(({ event }) => /^(?:stop|error)$/.test(event.type));
  expect(ends.map(({ id, event }) => [id, event])).toEqual([
    [String(lastId), { type: "stop", reason: "stop" }],
  ]);
}
