import { createApp, defineComponent, h, onUpdated, watch } from "vue";
import { afterEach, expect, vi } from "vitest";

/** A component on the page that shows what a composable gives. */
export interface MountedComposable<Value> {
  readonly value: Value;
  /** How many renders came to the page after the first one. */
  readonly updateCount: number;
  /** What the page shows. */
  readonly shown: string;
  /** Resolves as soon as what is wished is true of the refs. */
  until(isAsWished: (value: Value) => unknown): Promise<void>;
  unmount(): void;
}

const complaints = vi.spyOn(console, "warn");
const mounted = new Set<() => void>();

afterEach(() => {
  for (const unmount of mounted) unmount();
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockClear();
});

export function mountComposable<Value>(
  use: () => Value,
  show: (value: Value) => string,
): MountedComposable<Value> {
  const container = document.createElement("div");
  const values: Value[] = [];
  let updateCount = 0;
  const app = createApp(
    defineComponent(() => {
      const used = use();
      values.push(used);
      onUpdated(() => {
        updateCount += 1;
      });
      return () => h("p", show(used));
    }),
  );

  function unmount(): void {
    if (mounted.delete(unmount)) app.unmount();
  }

  mounted.add(unmount);
  app.mount(container);
  const [value] = values;
  if (value === undefined) throw new Error("Nothing was rendered.");
  return {
    value,
    get updateCount() {
      return updateCount;
    },
    get shown() {
      return container.textContent;
    },
    until: (isAsWished) =>
      new Promise((resolve) => {
        const stop = watch(
          () => Boolean(isAsWished(value)),
          (isReached) => {
            if (!isReached) return;
            resolve();
            queueMicrotask(() => stop());
          },
          { immediate: true, flush: "sync" },
        );
      }),
    unmount,
  };
}
