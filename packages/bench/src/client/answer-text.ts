/** What every token of a client's answer says. */
export const textOfToken = " word";
