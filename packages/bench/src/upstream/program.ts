import { offerDeeds } from "../processes/calls.ts";
import { createGateway } from "./gateway.ts";

const deeds = { ...createGateway() };

export type UpstreamDeeds = typeof deeds;

offerDeeds(deeds);
