import type { IncomingMessage } from "node:http";
import { loggedStreamId } from "../packages/relay/src/observe/logged-names.ts";
import { ask, responseTo } from "@gatestream/testing/ask";
import { parseExposition, type Exposition } from "@gatestream/testing/parse-exposition";
import { question, startRelay, type Gateway } from "./gatestream.ts";
import type { RunningNode } from "./run-node.ts";

type LogLine = Readonly<Record<string, unknown>>;

/** A stream of one of the workers. */
export interface WorkersStream {
  readonly response: IncomingMessage;
  readonly streamId: string;
  /** What the log calls it. */
  readonly loggedId: string;
  /** Who answers it. */
  readonly worker: number;
}

/** Workers that share one port. */
export interface WorkersUnderTest {
  readonly program: RunningNode;
  readonly url: string;
  /** What they have logged so far. */
  log(): readonly LogLine[];
  /** The first line that fits: at once when there was one, else when it comes. */
  untilLogged(fits: LogLine): Promise<LogLine>;
  /** A stream on a connection of its own, with what differs in its request. */
  startStream(differs?: object): Promise<WorkersStream>;
  /** One stream of each of two workers. */
  startTwoStreams(differs?: object): Promise<readonly [WorkersStream, WorkersStream]>;
  pidOf(worker: number): Promise<number>;
  metrics(): Promise<Exposition>;
}

export async function startWorkers(
  gateway: Gateway,
  ...args: readonly string[]
): Promise<WorkersUnderTest> {
  const all = ["--workers", "2", "--log-level", "debug", ...args];
  const { program, url } = await startRelay(gateway, ...all);
  const log = (): readonly LogLine[] =>
    (program.output().match(/^\{.*\}$/gm) ?? []).map((line) => JSON.parse(line));

  async function untilLogged(fits: LogLine): Promise<LogLine> {
    for (;;) {
      const soFar = program.output();
      const found = log().find((line) =>
        Object.entries(fits).every(([field, value]) => line[field] === value),
      );
      if (found !== undefined) return found;
      await program.changed(soFar);
    }
  }

  async function startStream(differs: object = {}): Promise<WorkersStream> {
    const response = await responseTo(ask(`${url}/api/llm/stream`, { ...question, ...differs }));
    const streamId = String(response.headers["x-stream-id"]);
    const loggedId = loggedStreamId(streamId, "");
    const { worker } = await untilLogged({ msg: "stream_started", streamId: loggedId });
    return { response, streamId, loggedId, worker: Number(worker) };
  }

  return {
    program,
    url,
    log,
    untilLogged,
    startStream,
    async startTwoStreams(differs) {
      const one = await startStream(differs);
      for (;;) {
        const other = await startStream(differs);
        if (other.worker !== one.worker) return [one, other];
        // They take turns, but one that is busy is passed over.
        other.response.destroy();
        await untilLogged({ msg: "stream_ended", streamId: other.loggedId });
      }
    },
    async pidOf(worker) {
      const { pid } = await untilLogged({ msg: "worker started", worker });
      return Number(pid);
    },
    async metrics() {
      const response = await responseTo(ask(`${url}/metrics`, undefined, { method: "GET" }));
      return parseExposition(await textOf(response));
    },
  };
}

/** Everything up to the end; rejects when the connection is cut. */
export async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return text;
}

/** Has Node run something first, in every process. */
export function preload(program: string): readonly string[] {
  const source = `import cluster from "node:cluster"; ${program}`;
  return ["--import", `data:text/javascript,${encodeURIComponent(source)}`];
}
