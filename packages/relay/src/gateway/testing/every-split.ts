/** Every way to cut `bytes` in two, and the one into single bytes. */
export function everySplit(bytes: Uint8Array): readonly (readonly Uint8Array[])[] {
  const inTwo = Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  const inBytes = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  return [...inTwo, inBytes];
}
