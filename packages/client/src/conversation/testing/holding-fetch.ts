/** A network that keeps every answer back after so many bytes: the connection stays open. */
export function holdingFetch(byteCount: number): typeof globalThis.fetch {
  return async (...parameters) => {
    const response = await globalThis.fetch(...parameters);
    let left = byteCount;
    const held = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array>({
      transform(bytes, controller) {
        controller.enqueue(bytes.subarray(0, left));
        left -= Math.min(left, bytes.length);
        return left > 0 ? undefined : new Promise<never>(() => {});
      },
    });
    return new Response(response.body?.pipeThrough(held), { headers: response.headers });
  };
}
