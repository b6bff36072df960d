import type { ClientRequest, OutgoingHttpHeaders } from "node:http";
import type { StreamEvent } from "@gatestream/protocol";
import { ask, replyTo, type Reply } from "./ask.ts";

export interface PollOptions {
  /** @defaultValue 0 */
  readonly after?: number | string;
  /** In seconds; without it the relay's own. */
  readonly wait?: number | string;
  readonly headers?: OutgoingHttpHeaders;
}

/** What a long poll is answered. */
export interface PollAnswer {
  readonly events: readonly (StreamEvent & { readonly id?: number })[];
  readonly next: number;
  readonly isOver: boolean;
}

/** Polls the stream at `target`. */
export function askPoll(target: string, options: PollOptions = {}): ClientRequest {
  const { after = 0, wait, headers } = options;
  const url = `${target}?after=${after}${wait === undefined ? "" : `&wait=${wait}`}`;
  return ask(url, undefined, {
    method: "GET",
    headers: { Accept: "application/json", ...headers },
  });
}

/** The answer in a reply. */
export function answerIn({ status, text }: Reply): PollAnswer {
  if (status !== 200) throw new Error(`It was answered ${status}: ${text}`);
  return JSON.parse(text) as PollAnswer;
}

export async function poll(target: string, options?: PollOptions): Promise<PollAnswer> {
  return answerIn(await replyTo(askPoll(target, options)));
}

/** Polls until the stream is over; `targetOf` says where to ask each time. */
export async function pollToEnd(
  targetOf: () => string,
  options: PollOptions = {},
): Promise<readonly PollAnswer[]> {
  const answers: PollAnswer[] = [];
  let after = Number(options.after ?? 0);
  for (;;) {
    const answer = await poll(targetOf(), { ...options, after });
    answers.push(answer);
    if (answer.isOver) return answers;
    after = answer.next;
  }
}
