const changed = "eventsource-parser is built in another way now: see scripts/sse-parser.mjs.";

/** What is replaced, and by what. @type {readonly (readonly [string | RegExp, string])[]} */
const edits = [
  [
    "const { maxBufferSize, onComment, onError, onEvent, onId, onRetry } = config;",
    "const { onEvent } = config; const maxBufferSize = undefined, onComment = undefined, onError = undefined, onId = undefined, onRetry = undefined;",
  ],
  [/if \(typeof config === 'function'\) \{[^]*?\n    \}/, ""],
  ["return { feed, reset };", "return { feed };"],
];

/**
 * Leaves of eventsource-parser what `parse-events.ts` uses: events. Callbacks that are known to be missing
 * are left out by the minifier, with what calls them: 0.4 kB in gzip.
 *
 * @type {import("rollup").Plugin}
 */
export const sseParser = {
  name: "sse-parser",
  transform(code, id) {
    if (!/[\\/]eventsource-parser[\\/]dist[\\/]parse\.js$/.test(id)) return null;
    for (const [before, after] of edits) {
      const edited = code.replace(before, after);
      if (edited === code) throw new Error(`${changed} It has no ${before}.`);
      code = edited;
    }
    return { code, map: null };
  },
};
