export { openai, type OpenaiProviderOptions } from "./openai/openai.ts";
// For the relay and the command alone: any release may change them.
export { connectionProblem, createCheckConnections, noAnswerInTime } from "./check/probe.ts";
export { type CheckConnections, probe, type ProbeReply, replyProblem } from "./check/probe.ts";
export { createOpenaiProvider } from "./openai/provider.ts";
