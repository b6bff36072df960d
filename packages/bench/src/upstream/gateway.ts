import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { monotonicMicroseconds } from "../measuring/clock.ts";
import { linesOfJson, openai } from "./dialect.ts";
import { createPacedSenders } from "./paced-senders.ts";
import { stamp, type Plan } from "./plan.ts";
import { renderAnswer, type RenderedAnswer } from "./rendered-answer.ts";
import { readRequests } from "./request-reader.ts";
import { sendFlatOut } from "./send-flat-out.ts";

/** What has become of the answers of a plan. */
export interface Account {
  readonly answersBegun: number;
  /** When their connections closed, as monotonic microseconds. */
  readonly leftAt: readonly number[];
}

/**
 * The emulated gateway, made to cost little: no checks, no parsing of bodies, bytes made in advance.
 */
export interface Gateway {
  /** Resolves with the port, which 0 lets the system choose. */
  listen(port: number): Promise<number>;
  /** For all answers from now on. */
  follow(plan: Plan): void;
  /** Since the plan was made. */
  account(): Account;
  close(): void;
}

const token = JSON.stringify({ access_token: "bench", token_type: "bearer", expires_in: 86_400 });
const tokenReply =
  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n" +
  `Content-Length: ${token.length}\r\n\r\n${token}`;

/** All that one plan has begun. */
function createEra(plan: Plan) {
  const { everyMs, tokens } = plan;
  const isPaced = everyMs > 0 && Number.isFinite(everyMs);
  return {
    inLines: renderAnswer(plan, linesOfJson),
    inCompletions: renderAnswer(plan, openai),
    paced: isPaced ? createPacedSenders(everyMs) : undefined,
    leftAt: [] as number[],
    answersBegun: 0,
    send(socket: Socket, answer: RenderedAnswer): void {
      this.answersBegun += 1;
      if (this.paced !== undefined) this.paced.add(socket, answer, tokens);
      else if (everyMs === 0) sendFlatOut(socket, answer, tokens);
      else {
        const { head, beforeStamp, afterStamp } = answer;
        socket.write(head);
        socket.write(beforeStamp + stamp(monotonicMicroseconds()) + afterStamp, "latin1");
      }
    },
  };
}

export function createGateway(): Gateway {
  let era = createEra({ tokens: 1, tokensPerChunk: 1, everyMs: 0 });
  const server = createServer({ noDelay: true }, (socket) => {
    let answeredIn: typeof era | undefined;
    socket.on("error", () => {});
    // A connection that waits to be used again may close under another plan.
    socket.once("close", () => answeredIn?.leftAt.push(monotonicMicroseconds()));
    readRequests(socket, (path) => {
      if (path.startsWith("/oauth/")) {
        socket.write(tokenReply);
        return;
      }
      answeredIn = era;
      era.send(socket, path.includes("completions") ? era.inCompletions : era.inLines);
    });
  });

  return {
    async listen(port) {
      server.listen({ port, host: "127.0.0.1", backlog: 4096 });
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" ? (address?.port ?? 0) : 0;
    },
    follow(plan) {
      era.paced?.stop();
      era = createEra(plan);
    },
    account: () => ({ answersBegun: era.answersBegun, leftAt: era.leftAt }),
    close() {
      era.paced?.stop();
      server.close();
    },
  };
}
