export { anthropic, type AnthropicProviderOptions } from "./anthropic/anthropic.ts";
export { openai, type OpenaiProviderOptions } from "./openai/openai.ts";
export {
  openaiResponses,
  type OpenaiResponsesProviderOptions,
} from "./openai-responses/openai-responses.ts";
// For the relay and the command alone: any release may change them.
export { connectionProblem, createCheckConnections, noAnswerInTime } from "./check/probe.ts";
export { type CheckConnections, probe, type ProbeReply, replyProblem } from "./check/probe.ts";
export { createAnthropicProvider } from "./anthropic/provider.ts";
export { createOpenaiProvider } from "./openai/provider.ts";
export { createOpenaiResponsesProvider } from "./openai-responses/provider.ts";
