import type { ChatPersistence, SavedChat } from "../saved-chat.ts";

/** What a page would find after a reload: JSON, as a storage gives it back. */
export interface MemoryPersistence extends ChatPersistence {
  readonly saved: SavedChat | undefined;
  readonly saveCount: number;
}

export function createMemoryPersistence(): MemoryPersistence {
  let json: string | undefined;
  let saveCount = 0;
  const load = (): SavedChat | undefined => (json === undefined ? undefined : JSON.parse(json));
  return {
    get saved() {
      return load();
    },
    get saveCount() {
      return saveCount;
    },
    load,
    save(saved) {
      json = JSON.stringify(saved);
      saveCount += 1;
    },
    clear() {
      json = undefined;
    },
  };
}
