import { createClient } from "@gatestream/client";
import { createElement, useLayoutEffect, useRef } from "react";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";
import { useChat } from "./use-chat.ts";

/** A key as a browser takes it, past what React has put on the element. */
function press(key: string, field: HTMLInputElement): void {
  const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  value?.set?.call(field, field.value + key);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

test("what is typed right after the first paint is not lost", async () => {
  const client = createClient({ url: "/" });
  const container = document.body.appendChild(document.createElement("div"));
  const root = createRoot(container);
  const typed = await new Promise<string | undefined>((resolve) => {
    function Field() {
      const { input, setInput } = useChat(client, { configurationId: "cfg-1" });
      const field = useRef<HTMLInputElement>(null);
      // React does what comes after the paint in a later task.
      useLayoutEffect(() => {
        queueMicrotask(() => {
          for (const key of "Hello") if (field.current) press(key, field.current);
          resolve(field.current?.value);
        });
      }, []);
      const onChange = ({ target }: { target: HTMLInputElement }): void => setInput(target.value);
      return createElement("input", { ref: field, value: input, onChange });
    }
    root.render(createElement(Field));
  });
  expect(typed).toBe("Hello");
  root.unmount();
  container.remove();
});
