import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createEnvironmentInjector,
  runInInjectionContext,
  type EnvironmentInjector,
} from "@angular/core";
import { createClient } from "@gatestream/client";
import { createChat, type Chat, type ChatSnapshot } from "@gatestream/client/chat";
import { createTestTransport } from "@gatestream/client/testing";
import { createRoot } from "solid-js";
import { get } from "svelte/store";
import { describe, expect, test } from "vitest";
import { signalOf as angularSignalOf } from "./angular.ts";
import { signalOf as solidSignalOf } from "./solid.ts";
import { storeOf } from "./svelte.ts";

/** A framework's view of a conversation, and what ends it. */
interface View {
  read(): ChatSnapshot;
  leave(): void;
}

const views: Readonly<Record<string, (chat: Chat) => View>> = {
  svelte(chat) {
    const store = storeOf(chat);
    let seen = get(store);
    const leave = store.subscribe((snapshot) => {
      seen = snapshot;
    });
    return { read: () => seen, leave };
  },
  solid: (chat) => createRoot((dispose) => ({ read: solidSignalOf(chat), leave: dispose })),
  angular(chat) {
    const injector = createEnvironmentInjector([], null as unknown as EnvironmentInjector);
    const read = runInInjectionContext(injector, () => angularSignalOf(chat));
    return { read, leave: () => injector.destroy() };
  },
};

describe.each(Object.keys(views))("%s", (name) => {
  test("shows a conversation as it goes on, and hears nothing more once it has left", async () => {
    const client = createClient({ transport: createTestTransport(["Hel", "lo"]) });
    const chat = createChat(client, { configurationId: "cfg-1" });
    const view = views[name]?.(chat);
    expect(view?.read().messages).toEqual([]);
    const ended = new Promise<void>((resolve) => {
      const unsubscribe = chat.subscribe(() => {
        if (chat.getSnapshot().isRunning) return;
        unsubscribe();
        resolve();
      });
    });
    chat.send("Hello");
    expect(view?.read().messages.at(-1)).toMatchObject({ role: "assistant", status: "streaming" });
    await ended;
    expect(view?.read().messages.at(-1)).toMatchObject({ content: "Hello", status: "done" });
    view?.leave();
    chat.reset();
    expect(view?.read().messages).toHaveLength(2);
  });
});

const pages = {
  "frameworks.md": ["svelte.ts", "solid.ts", "angular.ts"],
  "testing.md": ["test-transport.test.ts", "msw.test.ts", "emulator.test.ts"],
};

test.each(Object.entries(pages))("docs/%s shows the code that was run", async (name, recipes) => {
  const read = (path: string) => readFile(join(fileURLToPath(import.meta.url), "..", path), "utf8");
  const page = await read(`../../../docs/${name}`);
  for (const recipe of recipes) expect(page).toContain(await read(recipe));
});
