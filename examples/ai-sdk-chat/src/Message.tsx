import type { ChatMessage } from "./saved-chat.ts";

export function Message({ message }: { readonly message: ChatMessage }) {
  const { role, parts, metadata } = message;
  const usage = metadata?.usage;
  return (
    <article data-role={role} aria-label={role === "user" ? "Question" : "Answer"}>
      {parts.map((part, index) => (
        <Part key={index} part={part} />
      ))}
      <footer>
        {metadata?.reason}
        {usage && ` · ${usage.inputTokens} + ${usage.outputTokens} tokens`}
      </footer>
    </article>
  );
}

function Part({ part }: { readonly part: ChatMessage["parts"][number] }) {
  switch (part.type) {
    case "text":
      return <p className="text">{part.text}</p>;
    case "reasoning":
      return (
        <details open={part.state === "streaming"}>
          <summary>Reasoning</summary>
          <p>{part.text}</p>
        </details>
      );
    case "dynamic-tool":
      return (
        <details>
          <summary>
            <code>{part.toolName}</code>: {part.state}
          </summary>
          <pre>{JSON.stringify({ input: part.input, output: part.output }, null, 2)}</pre>
        </details>
      );
    case "source-url":
      return <a href={part.url}>{part.title ?? part.url}</a>;
    case "file":
      return <img src={part.url} alt="A file of the answer" />;
    default:
      return null;
  }
}
