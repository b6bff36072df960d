export { useChat, type UseChat, type UseChatOptions } from "./use-chat.ts";
export {
  useTokenStream,
  type UseTokenStream,
  type UseTokenStreamOptions,
} from "./use-token-stream.ts";
