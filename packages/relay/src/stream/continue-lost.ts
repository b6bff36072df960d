import { randomUUID } from "node:crypto";
import { isNotice, isTerminal, type WrittenEvent } from "@gatestream/protocol";
import type { LogWriter, LostStream, ResumableLog } from "../log/event-log.ts";
import { loggedStreamId } from "../observe/logged-names.ts";
import type { AnswerRequest, RelayContext } from "./answer-request.ts";
import { Production } from "./produce.ts";
import { enterKept } from "./start-kept.ts";

/**
 * Continues a stream whose relay has died: its answer is asked for again, and what is in the log already
 * is passed over. Readers resume as after any lost connection. False where it is not to be continued here.
 */
export async function continueLost(
  relay: RelayContext,
  log: ResumableLog,
  { streamId, facts, handle, lastId, take }: LostStream,
): Promise<boolean> {
  const { provider, observe, startTrace, audit, streams } = relay;
  if (provider.reattach === undefined || streams.isDraining) return false;
  const { subject: owner, configurationId = "", conversationId, metadata } = facts;
  const request: AnswerRequest = {
    streamId,
    requestId: randomUUID(),
    caller: { subject: owner },
    owner,
    request: {
      configurationId,
      messages: [],
      ...(conversationId !== undefined && { conversationId }),
      ...(metadata && { metadata }),
    },
    idempotencyKey: undefined,
    incomingTrace: { traceparent: undefined, tracestate: undefined },
    transport: "http",
  };
  const { stream, readers } = enterKept(relay, log, { streamId, owner, isContinued: true });
  const leave = (): void => {
    readers.close();
    stream.leave();
  };
  let production: Production | undefined;
  const writer = await take({
    onRoom: () => production?.resume(),
    onClosed: (reason) => stream.end(reason),
  }).catch((failure: unknown) => {
    leave();
    throw failure;
  });
  if (writer === undefined) {
    leave();
    return true;
  }
  const { requestId } = request;
  observe({ type: "stream_continued", streamId: loggedStreamId(streamId, owner), requestId });
  const begun = new Production(request, {
    provider,
    observe,
    startTrace,
    audit,
    writer: withoutFirst(lastId, writer),
    onEnd({ hasLogFailed }) {
      if (hasLogFailed) stream.cutReaders();
      begun.notifyEnd(readers.isEmpty);
      leave();
    },
  });
  production = begun;
  stream.whenEnded((reason) => begun.cancel(reason));
  begun.reattach(handle);
  // The grace begins: readers are on their way.
  readers.join()();
  return true;
}

/** A writer that passes over what is there: the first `count` numbered events, and notices before them. */
function withoutFirst(count: number, writer: LogWriter): LogWriter {
  let left = count;

  function isNew(event: WrittenEvent): boolean {
    if (left === 0 || isTerminal(event)) return true;
    if (!isNotice(event)) left -= 1;
    return false;
  }

  return {
    get isResumable() {
      return writer.isResumable;
    },
    takesJson: writer.takesJson === true,
    append: (events) => writer.append(left === 0 ? events : events.filter(isNew)),
  };
}
