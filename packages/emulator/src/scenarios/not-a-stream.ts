import type { Scenario } from "./scenario.ts";

const loginPage = `<!doctype html>
<html lang="en">
  <head><title>Sign in</title></head>
  <body><h1>Sign in to continue</h1></body>
</html>
`;

export const html: Scenario = {
  summary: "200 with the login page of a proxy instead of a stream",
  async play(turn) {
    turn.begin({ contentType: "text/html; charset=utf-8" });
    await turn.write(loginPage);
  },
};

export const empty: Scenario = {
  summary: "200 with an empty body",
  play: async (turn) => turn.begin(),
};

export const noContent: Scenario = {
  summary: "204",
  play: async (turn) => turn.begin({ status: 204 }),
};
