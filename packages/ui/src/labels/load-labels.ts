import { english } from "./english.ts";
import type { Labels } from "./labels.ts";

/** A module of one language. */
interface LabelsModule {
  readonly labels: Labels;
}

/** Each is a module of its own, which bundlers keep apart. */
const languages: Readonly<Record<string, () => Promise<LabelsModule>>> = {
  de: () => import("./de.ts"),
  es: () => import("./es.ts"),
  fr: () => import("./fr.ts"),
  it: () => import("./it.ts"),
  ja: () => import("./ja.ts"),
  nl: () => import("./nl.ts"),
  pt: () => import("./pt.ts"),
};

/**
 * Loads the words of a language by its tag, `de-AT` say; only those. They are English, with a warning in
 * the console, where there are none or they cannot be loaded.
 */
export async function loadLabels(language: string): Promise<Labels> {
  const [code = ""] = language.toLowerCase().split("-");
  if (code === "en" || code === "") return english;
  try {
    const load = languages[code];
    if (load === undefined) throw new Error(`There are no words in "${code}".`);
    return (await load()).labels;
  } catch (failure) {
    // Who builds the page has to know, and nobody else can be told.
    // oxlint-disable-next-line no-console
    console.warn(`gatestream: no words in "${language}", so they are English.`, failure);
    return english;
  }
}
