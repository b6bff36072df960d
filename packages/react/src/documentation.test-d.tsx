// Every example of the README and of the code's own documentation, for the compiler to read;
// `documentation.test.ts` sees to it that none is missing here.
import { createClient } from "@gatestream/client";
import { persistInSession } from "@gatestream/client/chat";
import { useChat, useTokenStream } from "./index.ts";
import { Chat } from "./ui/index.ts";

const client = createClient({ url: "/api/llm", resumable: true });
const persist = persistInSession("chat");

export function OwnChat() {
  const { messages, isRunning, input, setInput, submit, stop, retry, error } = useChat(client, {
    configurationId: "cfg-1",
    persist,
  });
  // System messages are instructions to the model.
  const visible = messages.filter(({ role }) => role !== "system");
  return (
    <form onSubmit={submit}>
      {visible.map(({ id, role, content }) => (
        <p key={id} className={role}>
          {content}
        </p>
      ))}
      {error && (
        <p role="alert">
          {error.message}{" "}
          <button type="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
      <input value={input} onChange={({ target }) => setInput(target.value)} />
      {isRunning ? (
        <button type="button" onClick={stop}>
          Stop
        </button>
      ) : (
        <button>Send</button>
      )}
    </form>
  );
}

export function Summary({ text: content }: { readonly text: string }) {
  const { text, isRunning, start, cancel } = useTokenStream(client);
  const messages = [{ role: "user", content: `Summarise this: ${content}` }];
  return (
    <section aria-busy={isRunning}>
      <button onClick={() => start({ configurationId: "cfg-1", messages })}>Summarise</button>
      {isRunning && <button onClick={cancel}>Stop</button>}
      <p>{text}</p>
    </section>
  );
}

function Answer({ question }: { readonly question: string }) {
  const { text, status, error, start, cancel } = useTokenStream(client);
  const messages = [{ role: "user", content: question }];
  return (
    <>
      <p aria-busy={status === "streaming"}>{text}</p>
      {error && <p role="alert">{error.message}</p>}
      <button onClick={() => start({ configurationId: "cfg-1", messages })}>Ask</button>
      <button onClick={cancel}>Stop</button>
    </>
  );
}

function Conversation() {
  const { messages, input, setInput, submit, stop } = useChat(client, {
    configurationId: "cfg-1",
    persist: persistInSession("chat"),
  });
  return (
    <form onSubmit={submit}>
      {messages.map(({ id, role, content, status }) => (
        <p key={id} className={role} aria-busy={status === "streaming"}>
          {content}
        </p>
      ))}
      <input value={input} onChange={({ target }) => setInput(target.value)} />
      <button type="button" onClick={stop}>
        Stop
      </button>
    </form>
  );
}

export const components = [Answer, Conversation];

export function Support() {
  const { chat } = useChat(client, { configurationId: "cfg-1" });
  return <Chat chat={chat} heading="Ask us anything" empty={<p>How can we help?</p>} />;
}
