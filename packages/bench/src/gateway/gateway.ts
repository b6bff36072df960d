import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { renderAnswer, stamp, type Plan, type RenderedAnswer } from "./answer.ts";

const token = JSON.stringify({ access_token: "bench", token_type: "bearer", expires_in: 86_400 });
const tokenReply =
  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n" +
  `Content-Length: ${token.length}\r\n\r\n${token}`;

/**
 * The emulated gateway, made to cost little: no checks, no parsing of bodies, bytes made in advance.
 */
export function createGateway() {
  let era = createEra({ tokens: 1, tokensPerChunk: 1, everyMs: 0 });
  const server = createServer({ noDelay: true }, (socket) => {
    let answeredIn: typeof era | undefined;
    socket.on("error", () => {});
    // A connection that waits to be used again may close under another plan.
    socket.once("close", () => answeredIn?.leftAtMs.push(performance.now()));
    readRequests(socket, (isForToken) => {
      if (isForToken) {
        socket.write(tokenReply);
        return;
      }
      answeredIn = era;
      era.answersBegun += 1;
      era.send(socket);
    });
  });

  return {
    /** Resolves with the port, which 0 lets the system choose. */
    async listen(port: number): Promise<number> {
      server.listen({ port, host: "127.0.0.1", backlog: 4096 });
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    },
    /** For all answers from now on. */
    follow(plan: Plan): void {
      era.stop();
      era = createEra(plan);
    },
    /** What has become of the answers of the plan, and when their connections closed. */
    account: () => ({ answersBegun: era.answersBegun, leftAtMs: era.leftAtMs }),
    close(): void {
      era.stop();
      server.close();
    },
  };
}

/** All that one plan has begun. */
function createEra(plan: Plan) {
  const answer = renderAnswer(plan);
  const sender =
    plan.everyMs === 0 ? createFlatOutSender(plan, answer) : createPacedSender(plan, answer);
  return { ...sender, leftAtMs: [] as number[], answersBegun: 0 };
}

/** Sends an answer as fast as the socket takes it. */
function createFlatOutSender({ tokens }: Plan, answer: RenderedAnswer) {
  const { head, block, tokensOfBlock, end } = answer;
  function send(socket: Socket): void {
    let tokensLeft = tokens || Number.POSITIVE_INFINITY;
    socket.write(head);
    sendMore();

    function sendMore(): void {
      while (tokensLeft > 0 && !socket.destroyed) {
        tokensLeft -= tokensOfBlock;
        if (!socket.write(block) && tokensLeft > 0) {
          socket.once("drain", sendMore);
          return;
        }
      }
      if (!socket.destroyed) socket.write(end);
    }
  }
  return { send, stop() {} };
}

/**
 * Sends the first token at once, then one after the other, to any number of sockets that are spread
 * evenly over the interval. One timer for all: its grain is what spreads the streams.
 */
function createPacedSender({ tokens, everyMs }: Plan, answer: RenderedAnswer) {
  const { head, beforeStamp, afterStamp, end } = answer;
  const isSilent = !Number.isFinite(everyMs);
  const slots = Array.from({ length: isSilent ? 1 : everyMs }, () => new Set<() => void>());
  const startedAt = performance.now();
  let nextSlot = 0;
  let doneMs = 0;

  const timer = isSilent ? undefined : setInterval(sendDue, 1);
  function sendDue(): void {
    // A timer that was late has several slots to do.
    for (const nowMs = performance.now() - startedAt; doneMs < nowMs; doneMs += 1) {
      for (const sendToken of slots[doneMs % slots.length] ?? []) sendToken();
    }
  }

  function send(socket: Socket): void {
    const slot = slots[nextSlot % slots.length];
    nextSlot += 1;
    let tokensLeft = tokens || Number.POSITIVE_INFINITY;
    const sendToken = (): void => {
      socket.write(beforeStamp + stamp() + afterStamp, "latin1");
      tokensLeft -= 1;
      if (tokensLeft > 0) return;
      slot?.delete(sendToken);
      socket.write(end);
    };
    socket.once("close", () => slot?.delete(sendToken));
    slot?.add(sendToken);
    socket.write(head);
    sendToken();
  }
  return { send, stop: () => clearInterval(timer) };
}

/** Calls `onRequest` once all of a request is there. It looks at no more than it has to. */
function readRequests(socket: Socket, onRequest: (isForToken: boolean) => void): void {
  let received = "";
  socket.on("data", (piece) => {
    received += piece.toString("latin1");
    for (;;) {
      const length = requestLength(received);
      if (length === undefined || received.length < length) return;
      const isForToken = received.startsWith("POST /oauth/");
      received = received.slice(length);
      onRequest(isForToken);
    }
  });
}

/** Of the first request, with its body; undefined when that cannot be said yet. */
export function requestLength(received: string): number | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const bodyAt = headEnd + 4;
  const head = received.slice(0, headEnd).toLowerCase();
  if (head.includes("\r\ntransfer-encoding: chunked")) {
    const lastChunk = received.indexOf("0\r\n\r\n", bodyAt);
    return lastChunk < 0 ? undefined : lastChunk + 5;
  }
  return bodyAt + Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
}
