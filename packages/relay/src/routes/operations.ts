import { reply, replyWithJson } from "../transport/reply.ts";
import type { Exchange, Route } from "./router.ts";

/** `degraded` takes streams: other relays are no better off. */
export type Readiness =
  | { readonly status: "ready" | "draining" }
  | { readonly status: "degraded"; readonly reason: "log_away" };

export interface OperationParts {
  /** Whether streams should be sent here. */
  readonly readiness: () => Readiness;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/** What operators ask: PROTOCOL.md, "Operations". */
export function operationRoutes({
  readiness,
  metrics,
}: OperationParts): readonly Route<Exchange>[] {
  const operations: Readonly<Record<string, Route<Exchange>["run"]>> = {
    async "/healthz"({ response }) {
      replyWithJson(response, 200, { status: "alive" });
    },
    async "/readyz"({ response }) {
      const answer = readiness();
      replyWithJson(response, answer.status === "draining" ? 503 : 200, answer);
    },
    async "/metrics"({ response }) {
      const { contentType } = metrics;
      reply(response, { status: 200, contentType, body: await metrics.text() });
    },
  };
  return Object.entries(operations).flatMap(([path, run]) =>
    ["GET", "HEAD"].map((method) => ({ method, path: new RegExp(`^${path}$`), run })),
  );
}
