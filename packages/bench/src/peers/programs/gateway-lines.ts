/** The lines of a gateway's answer, for peers that come without a reader of their own. */
export async function* gatewayLines(
  chatUrl: string,
  body: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const answer = await fetch(chatUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
    signal,
  });
  const utf8 = new TextDecoder();
  let rest = "";
  for await (const piece of answer.body ?? []) {
    const lines = (rest + utf8.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
