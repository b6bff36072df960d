import { labelsFrom, type Labels } from "@gatestream/ui";
import { defineElement } from "./define.ts";

// Known only while the script runs for the first time. The languages lie beside it.
const script =
  document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";

defineElement((language) =>
  labelsFrom(language, async (code) => {
    const address = new URL(`labels/${code}.js`, script).href;
    return ((await import(address)) as { readonly labels: Labels }).labels;
  }),
);
