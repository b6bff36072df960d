import { createClient, type StreamError } from "@gatestream/client";
import { createChat, type Chat, type ChatOptions } from "@gatestream/client/chat";
import { createTestTransport, type TestEvent } from "@gatestream/client/testing";

/** A conversation whose answers a test writes as it goes. */
export interface ScriptedChat {
  readonly chat: Chat;
  /** Sends an event of the answer that is on its way. */
  send(event: TestEvent): void;
  /** Ends it. */
  stop(reason?: string): void;
  fail(error: StreamError | Error): void;
  /** What was asked, the last message of each request. */
  readonly questions: readonly string[];
}

export function createScriptedChat(
  options: Partial<ChatOptions> & { readonly resumable?: boolean } = {},
): ScriptedChat {
  const { resumable, ...chatOptions } = options;
  const events: (TestEvent | Error)[] = [];
  let wake = (): void => {};
  const questions: string[] = [];

  async function* answer(): AsyncGenerator<TestEvent> {
    for (;;) {
      const event = events.shift();
      if (event instanceof Error) throw event;
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  const transport = createTestTransport(
    ({ messages }) => {
      questions.push(String(messages.at(-1)?.content ?? ""));
      return answer();
    },
    { resumable },
  );
  function send(event: TestEvent | Error): void {
    events.push(event);
    wake();
  }
  const client = createClient({
    transport,
    resumable: resumable ?? false,
    connectTimeoutMs: false,
    idleTimeoutMs: false,
    retry: false,
  });
  return {
    chat: createChat(client, { configurationId: "cfg-1", ...chatOptions }),
    send,
    stop: (reason = "stop") => send({ type: "stop", reason }),
    fail: send,
    questions,
  };
}
