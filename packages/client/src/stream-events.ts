import type { GatewayEvent, KnownEvent } from "@gatestream/protocol";

/**
 * What `Events` must be: each of its types has an object of fields, and none is a type of the protocol's
 * own events.
 */
export type OwnEvents<Events> = {
  readonly [Type in keyof Events]: Type extends KnownEvent["type"] ? never : object;
};

/** What every event has that only a gateway sends, and no page knows. */
export interface BaseEvent {
  readonly type: string;
  readonly content: string;
  readonly index: number;
}

/** An event that only your gateway sends; of any such type where none is declared. */
export type OwnEvent<Events extends object = object> = keyof Events extends never
  ? GatewayEvent
  : EventMap<Events>[keyof Events & string];

/**
 * Events by their type. `Events` adds what only your gateway sends: a map from a type to the fields that
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
export type EventMap<Events extends object = object> = {
  readonly [Event in KnownEvent as Event["type"]]: Event;
} & {
  readonly [Type in keyof Events & string]: Events[Type] & BaseEvent & { readonly type: Type };
};

/**
 * Every event that a stream can give: a union that narrows on `type`. It is open: types that are not
 * declared come too, as {@link GatewayEvent}s, so a `switch` needs a `default`.
 */
export type StreamEvent<Events extends object = object> = EventMap<Events>[keyof EventMap<Events>];
