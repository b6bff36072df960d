import { EventEmitter, once } from "node:events";
import { createEmulator, type Emulator } from "@gatestream/emulator";
import type { EmulatorOptions } from "@gatestream/emulator";
import type { GenesysOptions } from "../../relay/src/gateway/genesys/provider.ts";
import type { ObserverEvent } from "../../relay/src/observe/observer.ts";
import type { RelayBaseOptions } from "../../relay/src/settings/options.ts";
import { createRelay, type Relay } from "../../relay/src/relay.ts";

export interface RelayUnderTestOptions extends RelayBaseOptions {
  /** As fast as possible by default. */
  readonly emulator?: EmulatorOptions;
  /** What differs from the emulator's credentials and addresses. */
  readonly genesys?: Partial<GenesysOptions>;
}

/** A relay and the emulated gateway that it asks; `await using` closes both. */
export interface RelayUnderTest extends AsyncDisposable {
  readonly relay: Relay;
  readonly emulator: Emulator;
  /** The relay's address, without a path. */
  readonly url: string;
  /** Where streams start. */
  readonly streamUrl: string;
  /** All events that the relay has reported to its observer so far. */
  readonly observed: readonly ObserverEvent[];
  /** The first event of a type: at once when there was one, else when it comes. */
  untilObserved<Type extends ObserverEvent["type"]>(
    type: Type,
  ): Promise<Extract<ObserverEvent, { type: Type }>>;
}

/** A relay that listens, its emulated gateway, and all events of its observer. */
export async function startRelay(options: RelayUnderTestOptions = {}): Promise<RelayUnderTest> {
  const { emulator: emulatorOptions, genesys, observer, ...rest } = options;
  const emulator = createEmulator({ tokensPerSecond: 0, ...emulatorOptions });
  const gateway = await emulator.listen();
  const observed: ObserverEvent[] = [];
  const emitter = new EventEmitter();
  const relay = createRelay({
    port: 0,
    shutdownGraceMs: 0,
    ...rest,
    genesys: {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      loginUrl: gateway.url,
      apiUrl: gateway.url,
      ...genesys,
    },
    observer(event) {
      observed.push(event);
      observer?.(event);
      emitter.emit(event.type, event);
    },
  });
  const { url } = await relay.listen();
  return {
    relay,
    emulator,
    url,
    streamUrl: `${url}/api/llm/stream`,
    observed,
    async untilObserved(type) {
      const isOfType = (
        event: ObserverEvent,
      ): event is Extract<ObserverEvent, { type: typeof type }> => event.type === type;
      const [event] = [observed.find(isOfType) ?? (await once(emitter, type))].flat();
      return event;
    },
    async [Symbol.asyncDispose]() {
      await relay.close();
      await emulator.close();
    },
  };
}
