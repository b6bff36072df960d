// The readers: raw sockets that look for tokens and parse nothing.
import { offerDeeds } from "../processes/calls.ts";
import { exhaust } from "./exhaust.ts";
import { createOpenStreams } from "./open-streams.ts";

const deeds = { exhaust, ...createOpenStreams() };

export type LoadDeeds = typeof deeds;

offerDeeds(deeds);
