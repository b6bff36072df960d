export type { SocketConstructor, SocketLike } from "./line.ts";
export { webSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.ts";
