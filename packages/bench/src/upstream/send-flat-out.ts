import type { Socket } from "node:net";
import type { RenderedAnswer } from "./rendered-answer.ts";

/** Sends `tokens` as fast as the socket takes them; 0 for ever. */
export function sendFlatOut(socket: Socket, answer: RenderedAnswer, tokens: number): void {
  const { head, block, tokensOfBlock, end } = answer;
  let tokensLeft = tokens || Number.POSITIVE_INFINITY;

  function sendMore(): void {
    while (tokensLeft > 0 && !socket.destroyed) {
      tokensLeft -= tokensOfBlock;
      if (socket.write(block)) continue;
      if (tokensLeft > 0) {
        socket.once("drain", sendMore);
        return;
      }
    }
    if (!socket.destroyed) socket.write(end);
  }

  socket.write(head);
  sendMore();
}
