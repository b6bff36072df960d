export type { SocketConstructor, SocketLike } from "./socket.ts";
export { webSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.ts";
