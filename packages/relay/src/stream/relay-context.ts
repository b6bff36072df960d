import type { SubjectLimits } from "../access/limits.ts";
import type { Provider } from "../gateway/provider.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { Observer } from "../observe/observer.ts";
import type { StartTrace } from "../observe/trace.ts";
import type { Streams } from "./streams.ts";

/** What the operations on streams need of the relay. */
export interface RelayContext {
  readonly provider: Provider;
  /** Where detached streams are kept; without it there are none. */
  readonly log: ResumableLog | undefined;
  readonly streams: Streams;
  readonly limits: SubjectLimits;
  readonly observe: Observer;
  readonly startTrace: StartTrace;
  readonly firstByteGraceMs: number;
  readonly heartbeatMs: number;
  readonly orphanGraceMs: number;
}
