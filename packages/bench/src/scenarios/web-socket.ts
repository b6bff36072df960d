import { gatestream, gatestreamOverWebSocket } from "../peers/gatestream.ts";
import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";
import {
  pacedMeasures,
  pacedStreams,
  samplePacedStreams,
  tokensPerSecond,
} from "./paced-streams.ts";

/** The same events, over the relay's other way to a reader. */
export const webSocket: Scenario = {
  name: "web-socket",
  title: "WebSocket beside Server-Sent Events",
  explanation: `${pacedStreams} streams of ${tokensPerSecond} tokens a second again, each on a socket of its own.`,
  measures: pacedMeasures({ cpuBeside: gatestream.name, latencyBeside: gatestream.name }),
  run: (lab, book) =>
    besidePeers(lab, book, {
      peers: [gatestream, gatestreamOverWebSocket],
      sample: (peer) => samplePacedStreams(lab, peer),
    }),
};
