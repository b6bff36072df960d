/** A `fetch` whose answers are read one byte at a time, whatever the network has made of them. */
export const fetchByteByByte: typeof fetch = async (...args) => {
  const { body, status, headers } = await fetch(...args);
  const split = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += 1) controller.enqueue(chunk.subarray(at, at + 1));
    },
  });
  return new Response(body?.pipeThrough(split) ?? null, { status, headers });
};
