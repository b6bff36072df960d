// What arrived, as it arrived: a row for each event, and one for all tokens in a row.
import { find } from "./find.js";

/** Fills the list on the page. */
export function createEventList() {
  const list = find("#events", HTMLElement);
  let startedAt = 0;
  /** @type {{ words: Element, first: number, note: string } | undefined} */
  let tokens;

  /**
   * @param {string} name
   * @param {string} words
   * @param {"event" | "notice" | "connection" | "lost" | "end"} kind
   */
  function addRow(name, words, kind) {
    const row = document.createElement("li");
    row.dataset["kind"] = kind;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const cells = [
      ["time", `${seconds} s`],
      ["code", name],
      ["span", words],
    ].map(([tag = "", content = ""]) => {
      const cell = document.createElement(tag);
      cell.textContent = content;
      return cell;
    });
    row.append(...cells);
    list.append(row);
    list.scrollTop = list.scrollHeight;
    return /** @type {Element} */ (cells[2]);
  }

  return {
    begin() {
      list.replaceChildren();
      tokens = undefined;
      startedAt = performance.now();
    },
    /**
     * @param {string} name
     * @param {string} words
     * @param {"notice" | "connection" | "lost"} kind
     */
    add(name, words, kind) {
      tokens = undefined;
      addRow(name, words, kind);
    },
    /**
     * @param {import("./read-stream.js").StreamEvent} event
     * @param {number} id
     */
    addEnd({ type, reason, code, message }, id) {
      tokens = undefined;
      const isStop = type === "stop";
      const words = isStop ? `reason ${reason}` : `${code}: ${message}`;
      addRow(type, `id ${id}, ${words}`, isStop ? "end" : "lost");
    },
    /**
     * @param {number} id
     * @param {string} note
     */
    addToken(id, note) {
      if (tokens?.note !== note) {
        tokens = { words: addRow("token", "", "event"), first: id, note };
      }
      const { first, words } = tokens;
      words.textContent = `${first === id ? `id ${id}` : `ids ${first} to ${id}`}${note}`;
    },
  };
}
