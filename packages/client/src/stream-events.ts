import type { KnownEvent } from "@gatestream/protocol";

/**
 * Events by their type. `Own` adds what only your gateway sends: a map from a type to the fields that
 * its events carry besides `content` and `index`.
 *
 * @example
 * ```ts
 * const client = createClient<{ citation: { readonly url: string } }>({ url: "/api/llm" });
 * for await (const event of client.stream(request)) {
 *   if (event.type === "citation") cite(event.content, event.url);
 * }
 * ```
 */
export type EventMap<Own extends object = object> = {
  readonly [Event in KnownEvent as Event["type"]]: Event;
} & {
  readonly [Type in keyof Own & string]: Own[Type] & {
    readonly type: Type;
    readonly content: string;
    readonly index: number;
  };
};

/** Every event that a stream can give: a union that narrows on `type`. */
export type StreamEvent<Own extends object = object> = EventMap<Own>[keyof EventMap<Own>];
