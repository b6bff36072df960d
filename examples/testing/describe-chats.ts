import { beforeEach, describe, test } from "vitest";

import type { EngineKind } from "../../packages/client/browsers/engines/engine.ts";
import { chatPages, type ChatPageKind } from "./chat-page.ts";
import { useChatRoom, type ChatRoom } from "./chat-room.ts";

/** What a chat does, whatever page shows it and whatever engine runs it. */
export interface Behaviour {
  readonly name: string;
  /** Whether it is shown on each page, and not on one of them in turn. */
  readonly isEverywhere?: boolean;
  readonly run: (room: ChatRoom) => Promise<void>;
}

/**
 * Tests behaviours in one engine. All pages show the same views, so what every page must show is what
 * connects them: the behaviours that are everywhere. Each other one is shown in every engine, on
 * another page in each.
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
      pagesOf(behaviour, index + turn).map((kind) => ({ behaviour, kind })),
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

function pagesOf({ isEverywhere = false }: Behaviour, turn: number): readonly ChatPageKind[] {
  const index = turn % chatPages.length;
  return isEverywhere ? chatPages : chatPages.slice(index, index + 1);
}
