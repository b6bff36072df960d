import { notify } from "../notify.ts";
import { watchPage } from "../recovery/page-life.ts";
import type { ChatPersistence, SavedChat } from "./saved-chat.ts";

/** Keeps a conversation where the caller wants it kept, and gives it back. */
export interface ChatKeeper {
  /** Saves what there is now. */
  save(): void;
  /** There is more to save, which can wait until the page is hidden. */
  saveWhenHidden(): void;
  /** Tells what was saved: at once, or when it is there. */
  load(onLoaded: (saved: unknown) => void): void;
  clear(): void;
}

export interface ChatKeeperOptions {
  readonly persist: () => ChatPersistence | undefined;
  readonly read: () => SavedChat;
}

export function createChatKeeper({ persist, read }: ChatKeeperOptions): ChatKeeper {
  let stopWatching: (() => void) | undefined;
  /** What is to be done once the persistence has done what it was asked for. */
  let next: ((persistence: ChatPersistence) => unknown) | undefined;
  let isBusy = false;

  /** What the persistence throws is reported as its own. */
  function ask(deed: (persistence: ChatPersistence) => unknown, onDone?: (value: unknown) => void) {
    const persistence = persist();
    if (persistence === undefined) return;
    notify(() => {
      let returned: unknown;
      try {
        returned = deed(persistence);
      } catch (failure) {
        onDone?.(undefined);
        throw failure;
      }
      if (!(returned instanceof Promise)) {
        onDone?.(returned);
        return;
      }
      isBusy = true;
      returned
        .then(onDone, (failure: unknown) => {
          notify(() => {
            throw failure;
          });
          onDone?.(undefined);
        })
        .finally(() => {
          isBusy = false;
          const waiting = next;
          next = undefined;
          if (waiting) ask(waiting);
        });
    });
  }

  /** An older state never overtakes a newer one: only the last one waits. */
  function write(deed: (persistence: ChatPersistence) => unknown): void {
    stopWatching?.();
    stopWatching = undefined;
    if (isBusy) next = deed;
    else ask(deed);
  }

  const save = (): void => write((persistence) => persistence.save(read()));

  return {
    save,
    saveWhenHidden() {
      stopWatching ??= watchPage((state) => {
        if (state === "awake") return;
        // A page that is left waits for nothing, and a phone may end a hidden tab without a notice.
        isBusy = false;
        save();
      });
    },
    load: (onLoaded) => ask((persistence) => persistence.load(), onLoaded),
    clear: () => write((persistence) => persistence.clear()),
  };
}
