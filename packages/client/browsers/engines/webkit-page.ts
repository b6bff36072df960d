import { sourceOf, untilLoaded, untilVisibility, type InPage, type Page } from "./engine.ts";
import { WebdriverError, type WebdriverSession } from "./webdriver.ts";

/** What the script of {@link evaluateSource} hands back. */
interface Outcome<Value> {
  readonly value?: Value;
  readonly failure?: string;
}

/** Opens a window of its own: a tab would share its being visible with the others. */
export async function openWebkitPage(session: WebdriverSession, url: string): Promise<Page> {
  const { handle } = await session.send<{ readonly handle: string }>("POST", "/window/new", {
    type: "window",
  });
  /** Commands go to the window that was switched to last. */
  const send = async <Value>(path: string, body?: object): Promise<Value> => {
    await session.send("POST", "/window", { handle });
    return session.send<Value>("POST", path, body);
  };
  function evaluate<Argument, Value>(
    run: InPage<Argument | undefined, Value>,
    argument?: Argument,
  ): Promise<Value> {
    return evaluateSource(sourceOf(run, argument));
  }
  async function evaluateSource<Value>(source: string): Promise<Value> {
    const script = scriptOf(source);
    const { value, failure } = await send<Outcome<Value>>("/execute/async", { script, args: [] });
    if (failure !== undefined) throw new Error(failure);
    // What a text comes to has no type.
    return value as Value;
  }
  await send("/url", { url });
  await untilTakenOver(() => untilLoaded({ evaluate }));

  async function typeKeys(keys: readonly KeyAction[]): Promise<void> {
    await send("/actions", { actions: [{ type: "key", id: "keyboard", actions: keys }] });
  }

  return {
    evaluate,
    evaluateSource,
    type: (text) => typeKeys([...text].flatMap(pressed)),
    press(key, { shift = false } = {}) {
      const keys = pressed(keyCodes[key]);
      const { down, up } = { down: keyDown(keyCodes.Shift), up: keyUp(keyCodes.Shift) };
      return typeKeys(shift ? [down, ...keys, up] : keys);
    },
    async resize(size) {
      await send("/window/rect", size);
    },
    async reload() {
      await send("/refresh");
      await untilLoaded({ evaluate });
    },
    complaints: [],
    async hide() {
      await send("/window/minimize");
      await untilVisibility({ evaluate }, "hidden");
    },
    async show() {
      await send("/window/maximize");
      await untilVisibility({ evaluate }, "visible");
    },
    goOffline: () => Promise.reject(new Error("This engine cannot be taken offline.")),
    goOnline: () => Promise.reject(new Error("This engine cannot be taken offline.")),
    async leave(address) {
      await send("/url", { url: address });
      await untilLoaded({ evaluate });
    },
    back: () => send("/back"),
    heapBytes: () => Promise.reject(new Error("This engine's heap cannot be measured.")),
    async close() {
      await session.send("POST", "/window", { handle });
      await session.send("DELETE", "/window");
    },
  };
}

interface KeyAction {
  readonly type: "keyDown" | "keyUp";
  readonly value: string;
}

/** WebDriver, "Keyboard actions". */
const keyCodes = { Enter: "\uE007", Escape: "\uE00C", End: "\uE010", Shift: "\uE008" } as const;

const keyDown = (value: string): KeyAction => ({ type: "keyDown", value });
const keyUp = (value: string): KeyAction => ({ type: "keyUp", value });
const pressed = (value: string): readonly KeyAction[] => [keyDown(value), keyUp(value)];

/** While another process takes the new page over, the driver does not find its window. */
async function untilTakenOver(look: () => Promise<void>): Promise<void> {
  for (let triesLeft = 100; ; triesLeft -= 1) {
    try {
      return await look();
    } catch (failure) {
      const isForNow = failure instanceof WebdriverError && failure.code === "no such window";
      if (!isForNow || triesLeft === 0) throw failure;
    }
  }
}

/** Promises are awaited in the page: not every driver does it. */
function scriptOf(source: string): string {
  return `
    const done = arguments[0];
    const tell = (failure) => done({ failure: failure + " " + failure?.stack });
    Promise.resolve().then(() => ${source}).then((value) => done({ value }), tell);
  `;
}
