import type { StreamRequest } from "@gatestream/protocol";
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { type Caller, minAnonymousChars } from "./caller.ts";
import { isDeeperThan, isObject } from "../json.ts";

/** What a refusal repeats of a request: enough to mend it, however much is wrong. */
const maxProblems = 10;
const maxFieldChars = 100;

/** The longest text of one message, in UTF-16 code units. */
const maxContentChars = 200_000;
/** JSON.stringify overflows the stack some thousand levels deep. */
const maxSchemaDepth = 64;

const text = v.string("must be a string");
const name = v.pipe(text, v.nonEmpty("must not be empty"));

function textUpTo(chars: number) {
  return v.pipe(text, v.maxLength(chars, `must not be longer than ${chars} characters`));
}

function listOf<const Item extends v.GenericSchema>(item: Item, max: number, items: string) {
  const tooMany = `must not hold more than ${max} ${items}`;
  // Its items are looked at when there are not too many.
  return v.pipe(
    v.array(v.unknown(), `must be an array of ${items}`),
    v.maxLength(max, tooMany),
    v.array(item),
  );
}

const jsonSchema = v.pipe(
  v.custom<object>(isObject, "must be a JSON Schema"),
  v.check(
    (schema) => !isDeeperThan(maxSchemaDepth, schema),
    `must not be nested deeper than ${maxSchemaDepth} levels`,
  ),
);

/** An object; other fields than `entries` are dropped. */
function object<const Entries extends v.ObjectEntries>(entries: Entries, must: string) {
  return v.pipe(v.custom<object>(isObject, must), v.object(entries));
}

/** Fields that valibot does not look at. */
const namesPassedOver = ["__proto__", "prototype", "constructor"];
const passedOver = `must not have a field ${namesPassedOver.join(", ")}`;

/** An object of no other fields than `entries`. */
function onlyObject<const Entries extends v.ObjectEntries>(entries: Entries, must: string) {
  const stranger = v.never("is not a field of this request");
  return v.pipe(
    v.custom<object>(isObject, must),
    v.check((given) => !namesPassedOver.some((field) => Object.hasOwn(given, field)), passedOver),
    v.objectWithRest(entries, stranger),
  );
}

const textPart = v.object({ type: v.literal("text"), text });

const imagePart = v.pipe(
  v.object({
    type: v.literal("image"),
    url: v.optional(
      v.pipe(
        text,
        v.regex(
          /^https?:\/\/[^\s]{1,2000}$/,
          "must be an http or https URL of at most 2000 characters",
        ),
      ),
    ),
    data: v.optional(v.pipe(text, v.base64("must be base64"))),
    mediaType: v.optional(
      v.pipe(text, v.regex(/^image\/[\w.+-]{1,100}$/, "must be an image's, such as image/png")),
    ),
  }),
  v.check(({ url, data }) => (url === undefined) !== (data === undefined), "must have url or data"),
  v.check(({ data, mediaType }) => data === undefined || !!mediaType, "must have a mediaType"),
);

const part = v.lazy((given) => {
  const { type } = Object(given);
  if (type === "text") return textPart;
  return type === "image" ? imagePart : v.never('must be {"type":"text"} or {"type":"image"}');
});

const parts = v.pipe(
  listOf(part, 64, "parts"),
  v.nonEmpty("must hold at least one part"),
  v.check(
    (all) => charsIn(all) <= maxContentChars,
    `must not be longer than ${maxContentChars} characters`,
  ),
);

function charsIn(all: readonly v.InferOutput<typeof textPart | typeof imagePart>[]): number {
  return all.reduce((sum, one) => sum + (one.type === "text" ? one.text.length : 0), 0);
}

const message = object(
  {
    role: name,
    content: v.lazy((given) => (Array.isArray(given) ? parts : textUpTo(maxContentChars))),
    toolCalls: v.optional(
      listOf(
        object(
          { callId: name, name, arguments: textUpTo(maxContentChars) },
          "must be an object with callId, name and arguments",
        ),
        128,
        "tool calls",
      ),
    ),
    toolCallId: v.optional(name),
  },
  "must be an object with role and content",
);

const toolName = v.pipe(
  text,
  v.regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores"),
);

const optionEntries = {
  temperature: v.optional(numberFrom(0, 2)),
  maxOutputTokens: v.optional(integerFrom(1, 1_000_000)),
  stopSequences: v.optional(
    listOf(v.pipe(name, v.maxLength(100, "must not be longer than 100 characters")), 4, "texts"),
  ),
  seed: v.optional(integerFrom(0, Number.MAX_SAFE_INTEGER)),
  responseFormat: v.optional(
    onlyObject(
      {
        type: v.picklist(["text", "json"], 'must be "text" or "json"'),
        schema: v.optional(jsonSchema),
        name: v.optional(toolName),
      },
      "must be an object with type",
    ),
  ),
  tools: v.optional(
    listOf(
      onlyObject(
        {
          name: toolName,
          description: v.optional(textUpTo(4_000)),
          parameters: v.optional(jsonSchema),
        },
        "must be an object with name",
      ),
      128,
      "tools",
    ),
  ),
  toolChoice: v.optional(
    v.union(
      [v.picklist(["auto", "none", "required"]), onlyObject({ name: toolName }, "")],
      'must be "auto", "none", "required" or {"name"}',
    ),
  ),
};

function numberFrom(min: number, max: number) {
  const must = `must be a number from ${min} to ${max}`;
  return v.pipe(v.number(must), v.minValue(min, must), v.maxValue(max, must));
}

function integerFrom(min: number, max: number) {
  const must = `must be an integer from ${min} to ${max}`;
  return v.pipe(v.number(must), v.integer(must), v.minValue(min, must), v.maxValue(max, must));
}

const metadata = v.pipe(
  v.custom<object>(isObject, "must be an object of strings"),
  v.record(
    v.pipe(v.string(), v.regex(/^.{1,64}$/su, "must have a name of 1 to 64 characters")),
    textUpTo(512),
  ),
  v.check((all) => Object.keys(all).length <= 16, "must not hold more than 16 keys"),
);

const conversationIdForm = /^[\w.:@/-]{1,200}$/;
const conversationIdChars = "200 letters, digits or characters of _ . : @ / -";

const streamRequest = onlyObject(
  {
    configurationId: name,
    messages: v.pipe(
      listOf(message, 256, "messages"),
      v.nonEmpty("must hold at least one message"),
    ),
    onDisconnect: v.optional(v.picklist(["abort", "detach"], 'must be "abort" or "detach"')),
    conversationId: v.optional(
      v.pipe(text, v.regex(conversationIdForm, `must be 1 to ${conversationIdChars}`)),
    ),
    metadata: v.optional(metadata),
    options: v.optional(onlyObject(optionEntries, "must be an object")),
  },
  "must be an object",
);

/** What `allowedOptions` may name. */
export const answerOptionNames: readonly string[] = Object.keys(optionEntries);

/**
 * Reads the body of `POST {base}/stream`: PROTOCOL.md, "Starting a stream".
 *
 * @throws RelayError `invalid_request`, naming every field that is wrong.
 */
export function readStreamRequest(
  body: unknown,
  allowedOptions: readonly string[] = [],
): StreamRequest {
  const { success, output, issues } = v.safeParse(streamRequest, body);
  const problems = (issues ?? []).map(problemOf);
  if (success) {
    for (const option of Object.keys(output.options ?? {})) {
      if (allowedOptions.includes(option)) continue;
      problems.push(`options.${option} is not one that this relay allows`);
    }
  }
  if (problems.length > 0) {
    const told = problems.slice(0, maxProblems);
    const others = problems.length - told.length;
    if (others > 0) told.push(`and ${others} more`);
    throw new RelayError("invalid_request", `${told.join("; ")}.`);
  }
  return output as StreamRequest;
}

/**
 * Checks the id that the streams of a conversation are found by.
 *
 * @throws RelayError `invalid_request` for what is none, or, of an anonymous caller, too short.
 */
export function checkConversationId({ isAnonymous = false }: Caller, conversationId: string): void {
  const minChars = isAnonymous ? minAnonymousChars : 1;
  if (conversationIdForm.test(conversationId) && conversationId.length >= minChars) return;
  const problem = `conversationId must be ${minChars} to ${conversationIdChars}`;
  const why = isAnonymous ? ", chosen at random: callers are not authenticated here" : "";
  throw new RelayError("invalid_request", `${problem}${why}.`);
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const field = (issue.path ?? []).map(({ key }) => String(key).slice(0, maxFieldChars)).join(".");
  const problem = issue.input === undefined ? "is required" : issue.message;
  return `${field || "the body"} ${problem}`;
}
