const bodyBytes = 1 << 18;

export const bodies = { "token lines": tokenLines(), "one line of 256 KiB": oneLine() };

function tokenLines(): Buffer {
  const lines: string[] = [];
  for (let bytes = 0, index = 0; bytes < bodyBytes; index += 1) {
    const line = `${JSON.stringify({ type: "token", content: " word", index })}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.from(lines.join(""));
}

function oneLine(): Buffer {
  const content = "word ".repeat(bodyBytes / 5);
  return Buffer.from(`${JSON.stringify({ type: "token", content, index: 0 })}\n`);
}

/** A body as it comes over the network, in chunks of that size. */
export function cut(body: Buffer, chunkBytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    pieces.push(body.subarray(at, at + chunkBytes));
  }
  return pieces;
}
