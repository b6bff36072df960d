/** A message that is not shown, and the id of the one that it follows; none at the beginning. */
export type BranchMessage<Kind> = Kind & { readonly parentId?: string | undefined };

/**
 * A conversation with its branches: a question in other words, or an answer that was asked for again,
 * stands beside the one before it. One message of each group is shown.
 */
export interface MessageTree<Kind extends { readonly id: string }> {
  /** What is shown, oldest first. The same array until something has changed. */
  shown(): readonly Kind[];
  /** What is not shown, oldest first. */
  others(): readonly BranchMessage<Kind>[];
  /** Adds a message after the last one that is shown. */
  add(message: Kind): void;
  /** Replaces a message by its next state. */
  replace(message: Kind): void;
  /** Removes a message, and what follows it. */
  remove(id: string): void;
  /** Shows nothing from this message on: what is added next stands beside it. */
  hideFrom(id: string): void;
  /** The alternatives to this message, oldest first, including itself; none for an unknown id. */
  branches(id: string): readonly Kind[];
  /** Shows this message, and what was last shown after it. False for an unknown id. */
  select(id: string): boolean;
}

export function createMessageTree<Kind extends { readonly id: string }>(
  shownFirst: readonly Kind[],
  others: readonly BranchMessage<Kind>[] = [],
): MessageTree<Kind> {
  /** By id, in the order in which they were added. */
  const nodes = new Map<string, { message: Kind; readonly parentId: string }>();
  /** The id of the message that is shown after another one; `""` is the beginning. */
  const next = new Map<string, string>();
  let path: readonly Kind[] | undefined;

  function put(message: Kind, parentId: string): void {
    nodes.set(message.id, { message, parentId });
    next.set(parentId, message.id);
    path = undefined;
  }

  function shown(): readonly Kind[] {
    if (path === undefined) {
      const found: Kind[] = [];
      let node = nodes.get(next.get("") ?? "");
      while (node !== undefined) {
        found.push(node.message);
        node = nodes.get(next.get(node.message.id) ?? "");
      }
      path = found;
    }
    return path;
  }

  for (const { parentId = "", ...message } of others) put(message as unknown as Kind, parentId);
  let last = "";
  for (const message of shownFirst) {
    put(message, last);
    last = message.id;
  }
  next.delete(last);

  return {
    shown,
    others() {
      const visible = new Set(shown());
      const found: BranchMessage<Kind>[] = [];
      for (const { message, parentId } of nodes.values()) {
        if (!visible.has(message)) found.push({ ...message, ...(parentId && { parentId }) });
      }
      return found;
    },
    add: (message) => put(message, shown().at(-1)?.id ?? ""),
    replace(message) {
      const node = nodes.get(message.id);
      if (node) node.message = message;
      path = undefined;
    },
    remove(id) {
      for (const { message, parentId } of nodes.values()) {
        if (parentId === id) this.remove(message.id);
      }
      const node = nodes.get(id);
      nodes.delete(id);
      if (node && next.get(node.parentId) === id) next.delete(node.parentId);
      path = undefined;
    },
    hideFrom(id) {
      const node = nodes.get(id);
      if (node) next.delete(node.parentId);
      path = undefined;
    },
    branches(id) {
      const parent = nodes.get(id)?.parentId;
      return [...nodes.values()]
        .filter(({ parentId }) => parentId === parent)
        .map(({ message }) => message);
    },
    select(id) {
      let node = nodes.get(id);
      if (node === undefined) return false;
      while (node !== undefined) {
        next.set(node.parentId, node.message.id);
        node = nodes.get(node.parentId);
      }
      path = undefined;
      return true;
    },
  };
}
