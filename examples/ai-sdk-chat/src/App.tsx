import { useChat } from "@ai-sdk/react";
import { lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { type FormEvent, useEffect, useState } from "react";
import { Message } from "./Message.tsx";
import { type ChatMessage, loadChat, type Notice, saveChat } from "./saved-chat.ts";
import { endAnswer, transport } from "./transport.ts";

const saved = loadChat();

export function App() {
  const [question, setQuestion] = useState("");
  const [position, setPosition] = useState(0);
  const chat = useChat<ChatMessage>({
    ...saved,
    transport,
    resume: true,
    onData: ({ data }) => setPosition((data as Notice).position ?? 0),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall({ toolCall: { toolName: tool, toolCallId } }) {
      void chat.addToolOutput({ tool, toolCallId, output: { found: false } });
    },
  });
  const { id, messages, status, error, sendMessage, regenerate, resumeStream } = chat;
  const isBusy = status === "submitted" || status === "streaming";
  const last = messages.at(-1);
  const isLost = error instanceof TypeError;
  const isCut = status === "ready" && last?.role === "assistant" && !last.metadata?.reason;

  // Not while an answer streams: after a reload the relay sends all of it.
  useEffect(() => {
    if (status !== "streaming") saveChat({ id, messages });
  }, [id, messages, status]);

  function ask(event: FormEvent) {
    event.preventDefault();
    void sendMessage({ text: question });
    setQuestion("");
  }

  async function stop() {
    await endAnswer(id);
    await chat.stop();
  }

  return (
    <main>
      <h1>gatestream · AI SDK</h1>
      <div className="scroller" tabIndex={0}>
        <div role="log" aria-label="Conversation" aria-busy={isBusy}>
          {messages.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </div>
      </div>
      <p role="status">
        {status === "submitted" &&
          (position > 0 ? `Number ${position} in the queue …` : "Waiting for the answer …")}
        {(isCut || isLost) && (
          <>
            The answer is not complete.{" "}
            <button onClick={() => void resumeStream()}>Get all of it</button>
          </>
        )}
      </p>
      {error && !isLost && (
        <p role="alert">
          {textOf(error)} <button onClick={() => void regenerate()}>Ask again</button>
        </p>
      )}
      <form onSubmit={ask}>
        <input
          aria-label="Message"
          placeholder="Ask something, or /scenario tool-call"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
        {isBusy ? (
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
        ) : (
          <button disabled={question.trim() === ""}>Send</button>
        )}
      </form>
    </main>
  );
}

/** A refusal's text is the relay's JSON. */
function textOf({ message }: Error): string {
  try {
    return JSON.parse(message).message;
  } catch {
    return message;
  }
}
