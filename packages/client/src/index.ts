export type {
  ErrorCode,
  ErrorEvent,
  GapEvent,
  GatewayEvent,
  KnownEvent as StreamEvent,
  LiveEvent,
  Message,
  OnDisconnect,
  QueuedEvent,
  ReconnectEvent,
  StartEvent,
  StopEvent,
  StopReason,
  StreamRequest,
  TokenEvent,
  Usage,
  WarningEvent,
} from "@gatestream/protocol";
export { createClient, type Client, type ClientOptions } from "./create-client.ts";
export {
  isStreamError,
  StreamError,
  type ClientErrorCode,
  type StreamErrorCode,
  type StreamErrorDetails,
} from "./stream-error.ts";
export type { StreamOptions, StreamResult, StreamStatus, TokenStream } from "./token-stream.ts";
