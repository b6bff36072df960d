import { createElement, StrictMode, useLayoutEffect, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, expect, vi } from "vitest";

/** A component on the page that does nothing but call a hook. */
export interface RenderedHook<Value, Props> {
  /** What the hook gave in the last render that is on the page. */
  readonly current: Value;
  /** What it gave in the first one. */
  readonly first: Value;
  /** How many renders came to the page. */
  readonly renderCount: number;
  rerender(props: Props): void;
  /** Resolves with the first value on the page that is as wished. */
  until(isAsWished: (value: Value) => boolean): Promise<Value>;
  unmount(): void;
}

export interface RenderOptions<Props> {
  readonly props: Props;
  readonly isStrict?: boolean;
  /** What stands around the component. @defaultValue nothing */
  readonly wrap?: (probe: ReactNode, props: Props) => ReactNode;
}

// Without `act`, which holds renders back: they come as they come to a user.
const complaints = vi.spyOn(console, "error");
const mounted = new Set<() => void>();

afterEach(() => {
  for (const unmount of mounted) unmount();
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockClear();
});

export function renderHook<Value, Props>(
  useHook: (props: Props) => Value,
  { props: firstProps, isStrict = false, wrap = (probe) => probe }: RenderOptions<Props>,
): RenderedHook<Value, Props> {
  const root = createRoot(document.createElement("div"));
  const values: Value[] = [];
  let waiting: (() => void)[] = [];

  function Probe({ props }: { readonly props: Props }): null {
    const value = useHook(props);
    useLayoutEffect(() => {
      values.push(value);
      const looking = waiting;
      waiting = [];
      for (const look of looking) look();
    });
    return null;
  }

  function render(props: Props): void {
    const probe = wrap(createElement(Probe, { props }), props);
    flushSync(() => root.render(isStrict ? createElement(StrictMode, null, probe) : probe));
  }

  function valueAt(index: number): Value {
    const value = values.at(index);
    if (value === undefined) throw new Error("Nothing was rendered.");
    return value;
  }

  const current = (): Value => valueAt(-1);

  function unmount(): void {
    mounted.delete(unmount);
    flushSync(() => root.unmount());
  }

  mounted.add(unmount);
  render(firstProps);
  return {
    get current() {
      return current();
    },
    get first() {
      return valueAt(0);
    },
    get renderCount() {
      return values.length;
    },
    rerender: render,
    async until(isAsWished) {
      while (!isAsWished(current())) {
        await new Promise<void>((look) => {
          waiting.push(look);
        });
      }
      return current();
    },
    unmount,
  };
}
