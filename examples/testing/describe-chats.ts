import { beforeEach, describe, test } from "vitest";

import type { EngineKind } from "../../packages/client/browsers/engines/engine.ts";
import { chatPages, type ChatPageKind } from "./chat-page.ts";
import { useChatRoom, type ChatRoom } from "./chat-room.ts";

/** What a chat does, whatever page shows it and whatever engine runs it. */
export interface Behaviour {
  readonly name: string;
  /** Whether each page connects it by itself: it is then tested on each page, and not on one of them. */
  readonly isWiredByPage?: boolean;
  /** Whether engines differ in what it depends on: it is then tested in each engine, and not in one. */
  readonly dependsOnEngine?: boolean;
  readonly run: (room: ChatRoom) => Promise<void>;
}

/**
 * Tests behaviours in one engine. The first one, `turn` 0, tests all of them, and on each page those
 * that each page connects. The others test those that depend on the engine, on another page in each.
 *
 * @param turn Where the turn of the pages begins: another number for each engine.
 */
export function describeChats(
  engine: EngineKind,
  behaviours: readonly Behaviour[],
  turn: number,
): void {
  describe.skipIf(engine.whyMissing !== undefined)(engine.whyMissing ?? `in ${engine.name}`, () => {
    let page: ChatPageKind | undefined;
    const room = useChatRoom(engine, () => {
      if (page === undefined) throw new Error("No page was chosen.");
      return page;
    });
    const cases = behaviours.flatMap((behaviour, index) =>
      pagesOf(behaviour, index, turn).map((kind) => ({ behaviour, kind })),
    );
    for (const kind of chatPages) {
      describe(kind.name, () => {
        beforeEach(() => {
          page = kind;
        });
        for (const { behaviour } of cases.filter((each) => each.kind === kind)) {
          test(behaviour.name, () => behaviour.run(room));
        }
      });
    }
  });
}

function pagesOf(behaviour: Behaviour, index: number, turn: number): readonly ChatPageKind[] {
  if (turn > 0 && !behaviour.dependsOnEngine) return [];
  if (turn === 0 && behaviour.isWiredByPage) return chatPages;
  const page = (index + turn) % chatPages.length;
  return chatPages.slice(page, page + 1);
}
