export { webSocket } from "./transport.ts";
