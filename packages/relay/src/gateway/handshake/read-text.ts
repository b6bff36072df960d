import type { UpstreamResponse } from "./upstream-call.ts";

export interface ReadTextLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** The text of a short body, such as an error's or a token's; what lies beyond the limits is left. */
export function readText(
  response: UpstreamResponse,
  { maxBytes, timeoutMs }: ReadTextLimits,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const kept: Uint8Array[] = [];
    let bytes = 0;
    const finish = (failure?: unknown): void => {
      clearTimeout(timer);
      response.discard();
      if (failure === undefined) resolve(Buffer.concat(kept).toString("utf8", 0, maxBytes));
      else reject(failure);
    };
    const timer = setTimeout(finish, timeoutMs);
    response.read({
      data(chunk) {
        kept.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) finish();
        return true;
      },
      end: finish,
    });
  });
}
