/** `@gatestream/client/poll`: for networks whose proxies hold back event streams. */
export { poll } from "./poll.ts";
export { pollTransport } from "./poll-transport.ts";
