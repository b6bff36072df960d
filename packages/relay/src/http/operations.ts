import type { RelayMetrics } from "../observe/metrics.ts";
import { reply, replyWithJson } from "./reply.ts";
import type { Exchange, Route } from "./router.ts";

/** `degraded` still accepts streams: other relays are in the same state. */
export type Readiness =
  | { readonly status: "ready" | "draining" }
  | { readonly status: "degraded"; readonly reason: "log_away" };

export interface OperationParts {
  /** Whether streams should be sent here. */
  readonly readiness: () => Readiness;
  readonly metrics: Pick<RelayMetrics, "text">;
}

const prometheusText = "text/plain; version=0.0.4; charset=utf-8";
const plainText = "text/plain; charset=utf-8";
const noMetrics =
  "Metrics need the package @gatestream/relay-metrics: npm install @gatestream/relay-metrics\n";

/** Routes for operators: PROTOCOL.md, "Operations". */
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
      const body = await metrics.text();
      if (body === undefined)
        reply(response, { status: 501, contentType: plainText, body: noMetrics });
      else reply(response, { status: 200, contentType: prometheusText, body });
    },
  };
  return Object.entries(operations).flatMap(([path, run]) =>
    ["GET", "HEAD"].map((method) => ({ method, path: new RegExp(`^${path}$`), run })),
  );
}
