/** What an empty conversation offers to ask. The emulator also fails on request. */
export const suggestions: readonly { readonly label: string; readonly question: string }[] = [
  { label: "How do I reset my password?", question: "How do I reset my password?" },
  { label: "Which settings do I need?", question: "Which settings do I need?" },
  { label: "An answer that breaks off", question: "/scenario cut" },
  { label: "An answer that never ends", question: "/scenario stall" },
];
