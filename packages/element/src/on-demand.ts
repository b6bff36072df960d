import { loadMarkdown } from "./markdown-on-demand.ts";

/**
 * What the script does not have in it: each is a module of its own, loaded by the attribute that asks
 * for it, or with the first message. Bundlers keep them apart by themselves; the script tag's build loads them from beside the script.
 */
export const onDemand = {
  brand: () => import("./brand-style-sheet.ts"),
  conversations: () => import("./conversation-list.ts"),
  launcher: () => import("./launcher.ts"),
  markdown: loadMarkdown,
  wire: () => import("./wire.ts"),
};

export type OnDemand = {
  readonly [Name in keyof typeof onDemand]?: Awaited<ReturnType<(typeof onDemand)[Name]>>;
};

/** Loads modules by their names. What cannot be loaded is missing, and the console says so. */
export async function loadOnDemand(names: readonly (keyof typeof onDemand)[]): Promise<OnDemand> {
  const loaded = names.map(async (name) => {
    try {
      return [[name, await onDemand[name]()]] as const;
    } catch (failure) {
      // Only the developer of the page can mend it.
      // oxlint-disable-next-line no-console
      console.warn(`gatestream: "${name}" could not be loaded, so it is not shown.`, failure);
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(loaded)).flat());
}
