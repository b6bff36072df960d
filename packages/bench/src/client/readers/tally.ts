/** What every page does with a token: it belongs to the text. */
export function createTally() {
  let tokens = 0;
  let text = "";
  return {
    add(content: string): void {
      tokens += 1;
      text += content;
    },
    /** Takes the data of one event; true when it was the last. */
    addEvent(data: string): boolean {
      // Some parsers make an event of a block that has only `retry`.
      if (data === "") return false;
      const event: { readonly type: string; readonly content?: string } = JSON.parse(data);
      if (event.type === "token") this.add(event.content ?? "");
      return event.type === "stop";
    },
    /** @throws Error when a token had no text. */
    tokens(): number {
      if (text.length < tokens) throw new Error("Tokens came without their text.");
      return tokens;
    },
  };
}
