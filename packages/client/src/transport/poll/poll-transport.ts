import { streamPath, type KnownEvent, type StartEvent } from "@gatestream/protocol";
import { randomKey } from "../../random-key.ts";
import { StreamError } from "../../stream-error.ts";
import { readJson, requestIdOf } from "../fetch/refusal.ts";
import type { RelayRequest, RequestingTransport, Transport } from "../transport.ts";

/** What the relay answers a poll with: PROTOCOL.md, "Long poll". */
interface PollReply {
  readonly events: readonly (KnownEvent & { readonly id?: number })[];
  /** The cursor of the next poll. */
  readonly next: number;
  /** Whether nothing comes any more. */
  readonly isOver: boolean;
}

/** How long the relay waits for an event. */
const waitSeconds = 25;
/** The shortest time from one poll to the next: events that come in between come together. */
const pauseMs = 100;

/**
 * Answers in many short requests, over the `request` of another transport: what
 * `createClient({ url, fallback: pollTransport })` always does. The relay needs `resume` for it.
 */
export function pollTransport(transport: RequestingTransport): Transport {
  return {
    ...transport,
    name: "poll",
    async open(target, { signal, isUnwanted, onActivity, onEvent }) {
      async function ask(path: string, options: RelayRequest): Promise<unknown> {
        const response = await transport.request(path, options);
        onActivity(requestIdOf(response));
        return readJson(response);
      }

      const start = "streamId" in target ? undefined : target;
      // The relay takes every polled stream for a detached one: one that is not is ended from here.
      const isAttached = start !== undefined && start.request.onDisconnect !== "detach";
      let { streamId, after } = "streamId" in target ? target : { streamId: "", after: 0 };
      let isOver = false;
      try {
        if (start) {
          const { request: json, idempotencyKey = randomKey() } = start;
          const headers = { Prefer: "respond-async", "Idempotency-Key": idempotencyKey };
          // Only its answer has the id to end an attached one.
          const options = { headers, json, isUnwanted, signal: isAttached ? undefined : signal };
          ({ streamId } = (await ask(streamPath, options)) as StartEvent);
        }
        const streamUrl = `${streamPath}/${encodeURIComponent(streamId)}`;
        // The first poll is answered at once: until then the client does not know that there is a stream.
        for (let wait = 0; ; wait = waitSeconds) {
          const askedAt = Date.now();
          const path = `${streamUrl}?after=${after}&wait=${wait}`;
          const headers = { Accept: "application/json" };
          const reply = (await ask(path, { headers, signal })) as PollReply;
          ({ isOver } = reply);
          if (wait === 0 && onEvent(startOf(streamId, !isAttached), undefined)) return;
          for (const { id, ...event } of reply.events) if (onEvent(event as KnownEvent, id)) return;
          if (isOver) throw new StreamError("truncated", "The answer is over.", { status: 204 });
          after = reply.next;
          await new Promise((resolve) => {
            setTimeout(resolve, askedAt + pauseMs - Date.now());
          });
        }
      } finally {
        if (isAttached && !isOver && streamId) transport.cancel(streamId).catch(() => {});
      }
    },
  };
}

function startOf(streamId: string, resumable: boolean): StartEvent {
  const heartbeatMs = waitSeconds * 1_000;
  return { type: "start", streamId, resumable, resumableForMs: 0, heartbeatMs };
}
