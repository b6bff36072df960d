import { expect } from "vitest";
import type { Told } from "../page/recording.ts";
import type { Behaviour } from "./behaviour.ts";
import { askFor } from "./questions.ts";

/** Where there is no document. */
export const workers: readonly Behaviour[] = [
  {
    name: "a web worker imports the client and streams",
    async run({ page, lab }) {
      const { question, request } = askFor("answer");
      const told = await page.evaluate((asked) => {
        const worker = new Worker("/web-worker.js", { type: "module" });
        return new Promise<Told>((resolve, reject) => {
          worker.addEventListener("message", ({ data }) => resolve(data));
          worker.addEventListener("error", ({ message }) => reject(new Error(message)));
          worker.postMessage({ clientOptions: { url: "/api/llm" }, request: asked }, []);
        });
      }, request);
      const { sentText } = await lab.chat(question, "answered");
      expect(told).toMatchObject({ text: sentText, reason: "stop", endings: 1 });
    },
  },
  {
    name: "a service worker imports the client and streams",
    async run({ page, lab, skip }) {
      const { question, request } = askFor("answer");
      const told = await page.evaluate(async (asked) => {
        if (!("serviceWorker" in navigator)) return undefined;
        const registration = await navigator.serviceWorker.register("/service-worker.js", {
          type: "module",
        });
        const worker = (await navigator.serviceWorker.ready).active;
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise<Told>((resolve) => {
          port1.addEventListener("message", ({ data }) => resolve(data));
          port1.start();
        });
        worker?.postMessage({ clientOptions: { url: "/api/llm" }, request: asked }, [port2]);
        const message = await answer;
        await registration.unregister();
        return message;
      }, request);
      if (told === undefined) skip("it has no service workers here");
      const { sentText } = await lab.chat(question, "answered");
      expect(told).toMatchObject({ text: sentText, reason: "stop", endings: 1 });
    },
  },
];
