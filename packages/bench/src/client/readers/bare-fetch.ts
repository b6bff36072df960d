/** Reads the bytes and does nothing with them: what is left when there is no client. */
export async function readAnswer(baseUrl: string): Promise<number> {
  const response = await fetch(`${baseUrl}/stream`, { method: "POST" });
  const reader = response.body?.getReader();
  let bytes = 0;
  for (;;) {
    const piece = await reader?.read();
    if (piece?.value === undefined) return bytes;
    bytes += piece.value.length;
  }
}
