import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a child process does for its parent, by name; at most one argument, one answer. */
export type Deeds = Readonly<Record<string, (argument: never) => unknown>>;

/** The deeds of a child process, to be awaited in its parent. */
export type Calls<Offered extends Deeds> = {
  readonly [Name in keyof Offered]: (
    ...argument: Parameters<Offered[Name]>
  ) => Promise<Awaited<ReturnType<Offered[Name]>>>;
};

interface Call {
  readonly number: number;
  readonly name: string;
  readonly argument: never;
}

interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly problem?: string;
}

/** In the child: does what the parent asks for, and ends with the parent. */
export function offerDeeds(deeds: Deeds): void {
  process.on("message", (message) => {
    const { number, name, argument } = message as Call;
    void perform(deeds[name], argument).then(
      (answer) => process.send?.({ number, answer }),
      (problem: unknown) => process.send?.({ number, problem: String(problem) }),
    );
  });
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
}

async function perform(deed: Deeds[string] | undefined, argument: never): Promise<unknown> {
  if (deed === undefined) throw new Error("There is no such deed.");
  return deed(argument);
}

/** In the parent: `Offered` says what the child offers. Waits until it does. */
export async function callsTo<Offered extends Deeds>(child: ChildProcess): Promise<Calls<Offered>> {
  const waiting = new Map<number, (reply: Reply) => void>();
  let calls = 0;
  const ended = once(child, "exit").then(() => {
    throw new Error("A process of the measurement ended before its work did.");
  });
  await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {
    const problem = "The process ended.";
    for (const [number, settle] of waiting) settle({ number, problem });
  });
  child.on("message", (message) => {
    const reply = message as Reply;
    waiting.get(reply.number)?.(reply);
  });

  function call(name: string, argument: unknown): Promise<unknown> {
    calls += 1;
    const number = calls;
    return new Promise((resolve, reject) => {
      waiting.set(number, ({ answer, problem }) => {
        waiting.delete(number);
        if (problem === undefined) resolve(answer);
        else reject(new Error(problem));
      });
      child.send({ number, name, argument }, (problem) => {
        if (problem !== null) waiting.get(number)?.({ number, problem: String(problem) });
      });
    });
  }

  // Nothing is known here of what the child offers but its type.
  return new Proxy({} as Calls<Offered>, {
    get(_, name) {
      // Without this, `await` would treat the proxy as a promise.
      if (name === "then") return undefined;
      return (argument?: unknown): Promise<unknown> => call(String(name), argument);
    },
  });
}
