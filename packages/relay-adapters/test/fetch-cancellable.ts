/**
 * For `HttpAgent`: it cancels a body that broke, which rejects, and nothing handles that: it would end a
 * Node process.
 */
export async function fetchCancellable(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  const { body } = response;
  if (body === null) return response;
  const reader = body.getReader();
  const cancel = reader.cancel.bind(reader);
  reader.cancel = (reason) => cancel(reason).catch(() => {});
  return Object.defineProperty(response, "body", { value: { getReader: () => reader } });
}
