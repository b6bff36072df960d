import { notify } from "../notify.ts";
import { watchPage } from "../recovery/page-life.ts";
import type { ChatPersistence, SavedChat } from "./saved-chat.ts";

/** Saves a conversation with the caller's persistence, and loads it. */
export interface ChatKeeper {
  /** Saves the current state. */
  save(): void;
  /** Saves the state when the page is hidden. */
  saveWhenHidden(): void;
  /** Passes on what was saved: at once, or when the promise resolves. */
  load(onLoaded: (saved: unknown) => void): void;
  clear(): void;
}

export interface ChatKeeperOptions {
  readonly persist: () => ChatPersistence | undefined;
  readonly read: () => SavedChat;
}

export function createChatKeeper({ persist, read }: ChatKeeperOptions): ChatKeeper {
  let stopWatching: (() => void) | undefined;
  /** The call that waits for the promise of the last one. */
  let next: ((persistence: ChatPersistence) => unknown) | undefined;
  let isBusy = false;

  /** What the persistence throws is reported as an uncaught error. */
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
