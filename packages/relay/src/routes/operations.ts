import { reply, replyWithJson } from "../transport/reply.ts";
import type { Exchange, Route } from "./router.ts";

export interface OperationParts {
  readonly isDraining: () => boolean;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/** What operators ask: PROTOCOL.md, "Operations". */
export function operationRoutes({
  isDraining,
  metrics,
}: OperationParts): readonly Route<Exchange>[] {
  const operations: Readonly<Record<string, Route<Exchange>["run"]>> = {
    async "/healthz"({ response }) {
      replyWithJson(response, 200, { status: "alive" });
    },
    async "/readyz"({ response }) {
      if (isDraining()) replyWithJson(response, 503, { status: "draining" });
      else replyWithJson(response, 200, { status: "ready" });
    },
    async "/metrics"({ response }) {
      const { contentType } = metrics;
      reply(response, { status: 200, contentType, body: await metrics.text() });
    },
  };
  return Object.entries(operations).flatMap(([path, run]) =>
    ["GET", "HEAD"].map((method) => ({ method, path, run })),
  );
}
