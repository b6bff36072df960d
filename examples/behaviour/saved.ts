import { expect } from "vitest";
import type { Behaviour } from "../testing/describe-chats.ts";

const hello = { role: "user", content: "Hello" } as const;

/** Conversations that a reload finds: what they show, and that they can be gone on with. */
export const saved: readonly Behaviour[] = [
  {
    name: "an answer that no parser can read is shown as text, and the next question is answered",
    dependsOnEngine: true,
    async run({ open }) {
      const chat = await open();
      const hostile = ">".repeat(2000);
      await chat.reloadWith([hello, { role: "assistant", content: hostile, status: "done" }]);
      expect(await chat.look((it) => it.querySelector(".gs-markdown")?.textContent)).toBe(hostile);
      await chat.ask("What is on my invoice?");
      await chat.until((it) => it.querySelectorAll("[data-status=done]").length === 2);
      expect(await chat.saved()).toHaveLength(4);
    },
  },
  {
    name: "instructions to the model are not shown, and stay in the conversation",
    async run({ open }) {
      const chat = await open();
      await chat.reloadWith([{ role: "system", content: "Be secretive." }, hello]);
      const shown = await chat.look((it) => it.querySelector(".gs-messages")?.textContent);
      expect(shown).not.toContain("secretive");
      await chat.ask("What is on my invoice?");
      await chat.untilStatus("done");
      expect((await chat.saved())[0]).toMatchObject({ role: "system", content: "Be secretive." });
    },
  },
  {
    name: "answers that are empty, cut at a limit or filtered say so",
    async run({ open }) {
      const chat = await open();
      await chat.reloadWith([
        hello,
        { role: "assistant", content: "", status: "done", reason: "stop" },
        hello,
        { role: "assistant", content: "Half", status: "done", reason: "length" },
        hello,
        { role: "assistant", content: "Some", status: "done", reason: "content_filter" },
      ]);
      const notes = await chat.look((it) =>
        [...it.querySelectorAll<HTMLElement>(".gs-note")]
          .filter((note) => note.checkVisibility())
          .map((note) => note.textContent),
      );
      expect(notes).toEqual([
        "The answer is empty.",
        "The answer reached its length limit and is incomplete.",
        "A content filter ended the answer.",
      ]);
    },
  },
  {
    name: "an answer that was stopped shows no half mark and no half link",
    async run({ open }) {
      const chat = await open();
      const content = "See **this [page](https://exam";
      await chat.reloadWith([hello, { role: "assistant", content, status: "cancelled" }]);
      expect(await chat.look((it) => it.querySelector(".gs-markdown")?.textContent)).toBe(
        "See this page",
      );
      expect(await chat.look((it) => it.querySelector(".gs-markdown a") === null)).toBe(true);
    },
  },
  {
    name: "a copy that is refused says so",
    async run({ open }) {
      const chat = await open();
      await chat.reloadWith([hello, { role: "assistant", content: "Hi", status: "done" }]);
      await chat.look(() => {
        const refuse = () => Promise.reject(new DOMException("No.", "NotAllowedError"));
        const clipboard = { write: refuse, writeText: refuse };
        Object.defineProperty(navigator, "clipboard", { value: clipboard });
        document.execCommand = () => false;
      });
      await chat.click("Copy");
      await chat.until((it) =>
        [...it.querySelectorAll("button")].some(({ textContent }) => textContent === "Cannot copy"),
      );
    },
  },
];
