export {
  audit,
  type AuditOptions,
  type AuditRecord,
  type AuditSink,
  type EndedRecord,
  type StartedRecord,
} from "./audit.ts";
export { jsonLines } from "./json-lines.ts";
