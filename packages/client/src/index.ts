export type {
  AnswerOptions,
  ContentPart,
  ErrorCode,
  ErrorEvent,
  FileEvent,
  GapEvent,
  GatewayEvent,
  ImagePart,
  KnownEvent,
  LiveEvent,
  Message,
  OnDisconnect,
  PartEvent,
  QueuedEvent,
  ReasoningEvent,
  ReconnectEvent,
  SourceEvent,
  StartEvent,
  StopEvent,
  StopReason,
  StreamRequest,
  TextPart,
  TokenEvent,
  Tool,
  ToolCall,
  ToolCallEvent,
  ToolChoice,
  Usage,
  WarningEvent,
} from "@gatestream/protocol";
export {
  createClient,
  type Client,
  type ClientOptions,
  type OtherTransportOptions,
  type RecoveryOptions,
  type RetryOptions,
} from "./create-client.ts";
export { conversationOf, type Conversation, type ConversationStream } from "./conversation-of.ts";
export type { RetrySettings } from "./recovery/next-step.ts";
export {
  isStreamError,
  StreamError,
  type ClientErrorCode,
  type StreamErrorCode,
  type StreamErrorDetails,
} from "./stream-error.ts";
export type { BaseEvent, EventMap, OwnEvent, OwnEvents, StreamEvent } from "./stream-events.ts";
export type {
  Checkpoint,
  RetryNotice,
  StartOptions,
  StreamOptions,
  StreamResult,
  StreamSnapshot,
  StreamStatus,
} from "./answer/stream-options.ts";
export type { Answer, Answer as TokenStream } from "./answer/answer.ts";
export type { AnswerPart, ReasoningPart, ToolCallPart } from "./answer/answer-parts.ts";
export type { TransportOptions } from "./transport/fetch/fetch-transport.ts";
export type {
  Connection,
  FollowTarget,
  RelayRequest,
  RequestingTransport,
  StartTarget,
  Transport,
} from "./transport/transport.ts";
