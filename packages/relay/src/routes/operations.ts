import { reply, replyWithJson } from "../transport/reply.ts";
import type { Exchange, Route } from "./router.ts";

export interface OperationParts {
  /** Why no more streams should be sent here; undefined when they should. */
  readonly whyNotReady: () => string | undefined;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/** What operators ask: PROTOCOL.md, "Operations". */
export function operationRoutes({
  whyNotReady,
  metrics,
}: OperationParts): readonly Route<Exchange>[] {
  const operations: Readonly<Record<string, Route<Exchange>["run"]>> = {
    async "/healthz"({ response }) {
      replyWithJson(response, 200, { status: "alive" });
    },
    async "/readyz"({ response }) {
      const reason = whyNotReady();
      if (reason === undefined) replyWithJson(response, 200, { status: "ready" });
      else replyWithJson(response, 503, { status: reason });
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
