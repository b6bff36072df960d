/** What a page asks when it does so with gatestream. */
export const answerRequest = {
  configurationId: "bench",
  messages: [{ role: "user" as const, content: "Hello" }],
};

/** What every token of the answer says. */
export const textOfToken = " word";
