/** What a page asks when it does so with gatestream. */
export const answerRequest = {
  configurationId: "bench",
  messages: [{ role: "user" as const, content: "Hello" }],
};
