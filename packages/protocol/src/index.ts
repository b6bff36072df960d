export { errorTable, type ErrorCode, type ErrorReply } from "./errors.ts";
export {
  isNotice,
  isNoticeType,
  isTerminal,
  type ErrorEvent,
  type GapEvent,
  type GatewayEvent,
  type KnownEvent,
  type LiveEvent,
  type NoticeEvent,
  type NumberedEvent,
  type QueuedEvent,
  type ReconnectEvent,
  type StartEvent,
  type StopEvent,
  type StopReason,
  type StreamEvent,
  type TerminalEvent,
  type TokenEvent,
  type Usage,
  type WarningCode,
  type WarningEvent,
} from "./events.ts";
export {
  defaultBasePath,
  eventStreamType,
  exposedHeaders,
  headerNames,
  streamPath,
} from "./names.ts";
export type { Message, OnDisconnect, StreamRequest } from "./request.ts";
