import { buildElement } from "../build-element.ts";

/**
 * Sets a formula: gets what stands between its marks, and whether it has a line of its own; returns nodes
 * to show in its place, made without a HTML parser, or undefined to leave it as it is written. It may load
 * a typesetter first. A formula whose typesetter throws or rejects stays as it is written.
 */
export type Maths = (
  formula: string,
  isDisplay: boolean,
) => Node | undefined | Promise<Node | undefined>;

export interface Formula {
  /** As it is written, its marks included. */
  readonly raw: string;
  /** What stands between them; undefined as long as it is not closed. */
  readonly text?: string | undefined;
  readonly isDisplay: boolean;
  readonly isBlock?: boolean | undefined;
}

export type BuildFormula = (formula: Formula) => HTMLElement;

/** Each formula is set once, however often the paragraph that it is in is rendered again. */
export function createFormulaBuilder(maths: Maths | undefined): BuildFormula {
  const set = new Map<string, Promise<Node | undefined>>();
  const ready = new Map<string, Node>();

  async function typeset(text: string, isDisplay: boolean): Promise<Node | undefined> {
    try {
      return await maths?.(text, isDisplay);
    } catch {
      // A formula can be read as it is written.
      return undefined;
    }
  }

  return ({ raw, text, isDisplay, isBlock = false }) => {
    const element = buildElement(isBlock ? "div" : "span", { class: "gs-formula" }, raw.trimEnd());
    element.toggleAttribute("data-display", isDisplay);
    if (maths === undefined || text === undefined) return element;
    const key = `${isDisplay} ${text}`;
    const known = ready.get(key);
    if (known) {
      element.replaceChildren(known.cloneNode(true));
      return element;
    }
    const setting = set.get(key) ?? typeset(text, isDisplay);
    set.set(key, setting);
    void setting.then((node) => {
      if (node === undefined) return;
      // A fragment is empty once it is on the page.
      if (!ready.has(key)) ready.set(key, node);
      element.replaceChildren(node.cloneNode(true));
    });
    return element;
  };
}
