/** A network that breaks every answer that is an event stream after so many bytes. */
export function cuttingFetch(byteCount: number): typeof globalThis.fetch {
  return async (...parameters) => {
    const response = await globalThis.fetch(...parameters);
    const reader = response.body?.getReader();
    if (response.status !== 200 || reader === undefined) return response;
    let left = byteCount;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (left === 0) {
          controller.error(new TypeError("network error"));
          await reader.cancel();
          return;
        }
        const { done, value } = await reader.read();
        if (done) return controller.close();
        controller.enqueue(value.subarray(0, left));
        left -= Math.min(left, value.length);
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(body, { headers: response.headers });
  };
}
