/** What not every engine can be made to do from outside. */
export type Ability = "offline" | "memory";

/** A browser engine that tests can be run in. */
export interface EngineKind {
  readonly name: string;
  /** The programs that are missing here, in one sentence; undefined when it can be launched. */
  readonly whyMissing: string | undefined;
  launch(): Promise<Engine>;
}

/** A browser that runs. */
export interface Engine {
  /** As the browser itself tells it. */
  readonly version: string;
  /** What its driver cannot do, and why: told in place of a result, and never counted as passed. */
  readonly impossible: Readonly<Partial<Record<Ability, string>>>;
  /** Opens a page of its own, and resolves when it has loaded. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export type Key = "Enter" | "Escape" | "End";

/** How wide and high a page is, in CSS pixels. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** Runs in the page, and sees nothing of the test but its argument, which must be JSON. */
export type InPage<Argument, Value> = (argument: Argument) => Value | Promise<Value>;

/** One page, as a test drives it. */
export interface Page {
  /** Resolves with what `run` comes to, as JSON; rejects with what it throws. */
  evaluate<Value>(run: InPage<undefined, Value>): Promise<Value>;
  evaluate<Argument, Value>(run: InPage<Argument, Value>, argument: Argument): Promise<Value>;
  /** Resolves with what an expression comes to, as JSON; a promise is awaited. */
  evaluateSource<Value>(source: string): Promise<Value>;
  /** Types text into what has the focus. */
  type(text: string): Promise<void>;
  /** Presses a key, with Shift held or not. */
  press(key: Key, options?: { readonly shift?: boolean }): Promise<void>;
  resize(size: PageSize): Promise<void>;
  reload(): Promise<void>;
  /** What was logged as an error or a warning, or thrown; nothing where the driver does not tell. */
  readonly complaints: readonly string[];
  /** Puts the page into the background, and resolves when it knows. */
  hide(): Promise<void>;
  /** Brings it back, and resolves when it knows. */
  show(): Promise<void>;
  /** The page is told that there is no network; what is open is not cut. */
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
  /** Goes to another page in the same tab, as a link does. */
  leave(url: string): Promise<void>;
  /** Goes back to where `leave` came from, as the browser's button does. */
  back(): Promise<void>;
  /** What the page's heap holds after a collection, in bytes. */
  heapBytes(): Promise<number>;
  close(): Promise<void>;
}

/** The source of a call, for drivers that take text. */
export function sourceOf<Argument>(run: InPage<Argument, unknown>, argument: Argument): string {
  return `(${String(run)})(${argument === undefined ? "" : JSON.stringify(argument)})`;
}

/** Resolves when the page is in the state that its driver was asked for. */
export async function untilVisibility(
  page: Pick<Page, "evaluate">,
  wanted: DocumentVisibilityState,
): Promise<void> {
  await page.evaluate((state) => {
    return new Promise<void>((resolve) => {
      const look = (): void => {
        if (document.visibilityState !== state) return;
        document.removeEventListener("visibilitychange", look);
        resolve();
      };
      document.addEventListener("visibilitychange", look);
      look();
    });
  }, wanted);
}

/** Resolves when the page has loaded, its modules included. */
export async function untilLoaded(page: Pick<Page, "evaluate">): Promise<void> {
  await page.evaluate(() => {
    if (document.readyState === "complete") return undefined;
    return new Promise<void>((resolve) => {
      addEventListener("load", () => resolve(), { once: true });
    });
  });
}
