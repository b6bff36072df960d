import type { StreamRequest, WrittenEvent } from "@gatestream/protocol";
import type { Observer, StreamEnded, StreamIds } from "./observer.ts";

/** What is recorded of one stream while it runs. */
export interface AuditTrail {
  /** Takes what the gateway sends, where the record holds the answer. */
  events?(batch: readonly WrittenEvent[]): void;
  /** Called once, last. */
  end(ended: StreamEnded): void;
}

/** Records who asked what, and what became of it: `audit` of `@gatestream/relay-audit`. */
export interface Audit {
  /**
   * Called before a stream begins.
   *
   * @throws RelayError where none may begin, because it could not be recorded.
   */
  admit(): void;
  /** A stream begins. The messages of `request` are emptied once they are sent: copy what is kept. */
  begin(ids: StreamIds, request: StreamRequest): AuditTrail;
  /** Reports to `observe` what becomes of the record: `audit_failed`, `audit_ready`, `audit_dropped`. */
  reportTo?(observe: Observer): void;
  /** Writes what waits, for a few seconds at most. */
  close(): Promise<void>;
}
