import { expect } from "vitest";
import type { Behaviour, Scene } from "./behaviour.ts";
import { askFor } from "./questions.ts";

const body = [
  'event: start\ndata: {"type":"start","streamId":"s-1","resumable":false,"resumableForMs":0,"heartbeatMs":15000}\n\n',
  'id: 1\ndata: {"type":"token","content":"Hello","index":0}\n\n',
  'id: 2\ndata: {"type":"stop","reason":"stop"}\n\n',
].join("");

/** Enough that what one stream leaves behind is seen. */
const streamCount = 2_000;
/** Over the network; the others are answered within the page, or they would take minutes. */
const networkCount = 200;

/** Streams many short answers in the page, all with one signal; tells how many listeners it has. */
function streamMany({ page, lab: { script } }: Scene, count: number): Promise<number> {
  const url = script((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "text/event-stream" }).end(body);
  });
  return page.evaluate(
    async (asked) => {
      const { signal } = new AbortController();
      const listenerCount = inPage.countListeners(signal);
      const headers = { "Content-Type": "text/event-stream" };
      const overNetwork = inPage.gatestream.createClient({ url: asked.url });
      const withinPage = inPage.gatestream.createClient({
        url: asked.url,
        fetch: async () => new Response(asked.body, { headers }),
      });
      let left = asked.count;
      const streamInTurn = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          const client = left < asked.networkCount ? overNetwork : withinPage;
          const { text } = await client.stream(asked.request, { signal }).result();
          if (text !== "Hello") throw new Error(`A text is wrong: ${text}`);
        }
      };
      // What a browser opens at once to one host over HTTP/1.1.
      await Promise.all([1, 2, 3, 4, 5, 6].map(streamInTurn));
      return listenerCount();
    },
    { url, body, count, networkCount, request: askFor("answer").request },
  );
}

/** What a page holds after very many streams. */
export const endurance: readonly Behaviour[] = [
  {
    name: `2,000 streams in one page, ${networkCount} of them over the network, leave no listener on the signal they share`,
    async run(scene) {
      expect(await streamMany(scene, streamCount)).toBe(0);
    },
  },
  {
    name: "2,000 streams more leave nothing in the page's heap",
    needs: "memory",
    async run(scene) {
      // The engine's own caches and compiled code come first.
      await streamMany(scene, streamCount / 2);
      const before = await scene.page.heapBytes();
      await streamMany(scene, streamCount);
      const grownBytes = (await scene.page.heapBytes()) - before;
      const grown = `${Math.round(grownBytes / 1024)} KiB`;
      scene.measured("growth of the heap over 2,000 streams", grown);
      // Less than 50 bytes a stream: not even one listener.
      expect(grownBytes).toBeLessThan(50 * streamCount);
    },
  },
];
