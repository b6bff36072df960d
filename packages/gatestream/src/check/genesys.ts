import { type Finding, type GenesysOptions, isRelayError } from "@gatestream/relay";
import {
  fetchAccessToken,
  GatewayRefusal,
  genesysUrls,
  type UpstreamSettings,
} from "@gatestream/relay/command";
import {
  type CheckConnections,
  connectionProblem,
  createCheckConnections,
  noAnswerInTime,
  probe,
  type ProbeReply,
  replyProblem,
} from "@gatestream/relay-providers";

/** Gets a token, and asks the gateway with it for what costs no chat. */
export async function* checkGenesys(
  options: GenesysOptions,
  settings: UpstreamSettings,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const connections = createCheckConnections(settings);
  try {
    const { token, ...finding } = await tryTokenEndpoint(options, connections, signal);
    yield finding;
    yield await tryGateway(options, { ...connections, signal, token });
  } finally {
    await connections.dispatcher.destroy();
  }
}

async function tryTokenEndpoint(
  options: GenesysOptions,
  connections: CheckConnections,
  signal: AbortSignal,
): Promise<Finding & { readonly token?: string }> {
  const url = genesysUrls(options).token;
  const what = `token endpoint ${url.origin}${url.pathname}`;
  try {
    const endpoint = { ...options, ...connections, url };
    const { value, expiresInMs } = await fetchAccessToken(endpoint, signal);
    const message = `gives tokens, which last ${Math.round(expiresInMs / 1000)} s`;
    return { what, outcome: "ok", message, token: value };
  } catch (failure) {
    const variable = options.loginUrl === undefined ? "GENESYS_ENVIRONMENT" : "GENESYS_LOGIN_URL";
    return { what, outcome: "failed", message: tokenProblem(failure, variable) };
  }
}

/** RFC 6749, "Error Response": what some codes require from the operator of the OAuth client. */
const grantProblems: ReadonlyMap<string | undefined, string> = new Map([
  ["unauthorized_client", 'the OAuth client\'s grant type must be "Client Credentials"'],
  ["unsupported_grant_type", 'the OAuth client\'s grant type must be "Client Credentials"'],
  ["invalid_scope", "the OAuth client does not have the scope: change GENESYS_SCOPE"],
]);

function tokenProblem(failure: unknown, variable: string): string {
  const cause = isRelayError(failure) ? failure.cause : failure;
  if (cause instanceof GatewayRefusal) return refusedToken(cause, variable);
  if (isRelayError(failure) && failure.code === "gateway_auth_failed") {
    return `it answers with something that is no token, such as a page of a proxy or a sign-in. ${variable} says where it is.`;
  }
  // A deadline of the exchange; one to connect has the connection's own error as its cause.
  const problem = isRelayError(cause) ? noAnswerInTime : connectionProblem(cause);
  return `${problem}. ${variable} says where it is.`;
}

function refusedToken({ status = 0, code }: GatewayRefusal, variable: string): string {
  const grantProblem = grantProblems.get(code);
  if (grantProblem !== undefined) return `${grantProblem} (${code}).`;
  if (status === 401 || code === "invalid_client") {
    return `GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not accepted (status ${status}): compare them with the OAuth client. ${variable} names its region.`;
  }
  const problem =
    replyProblem({ status, headers: {}, text: "" }) ?? `it gives no token (status ${status})`;
  return `${problem}. ${variable} says where it is.`;
}

interface GatewayTry extends CheckConnections {
  readonly signal: AbortSignal;
  readonly token: string | undefined;
}

async function tryGateway(
  options: GenesysOptions,
  { token, ...others }: GatewayTry,
): Promise<Finding> {
  const chatUrl = genesysUrls(options).chat;
  const what = `gateway ${chatUrl.origin}${chatUrl.pathname}`;
  const variable = options.apiUrl === undefined ? "GENESYS_ENVIRONMENT" : "GENESYS_API_URL";
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const reply = await probe(chatUrl, { ...others, headers });
    return { what, ...gatewayAnswer(reply, token !== undefined, variable) };
  } catch (failure) {
    const message = `${connectionProblem(failure)}. ${variable} says where it is.`;
    return { what, outcome: "failed", message };
  }
}

/** What a GET of it means is nowhere written: 403 and 404 are hints, not proofs. */
function gatewayAnswer(
  reply: ProbeReply,
  hasToken: boolean,
  variable: string,
): Pick<Finding, "outcome" | "message"> {
  const { status } = reply;
  const problem = replyProblem(reply);
  if (problem !== undefined) {
    return { outcome: "failed", message: `${problem}. ${variable} says where it is.` };
  }
  if (status === 404) {
    const message = `it answers a GET with status 404: if streams fail too, look at GENESYS_GATEWAY_PATH and ${variable}.`;
    return { outcome: "warning", message };
  }
  if (!hasToken) return { outcome: "ok", message: "answers; without a token no more can be tried" };
  if (status === 401) {
    const message = `it refuses the token that the token endpoint gave: do both belong to one region? ${variable} names the gateway's.`;
    return { outcome: "failed", message };
  }
  if (status === 403) {
    const message =
      "it answers a GET with status 403: if streams are refused too, the OAuth client's roles lack the gateway's permission.";
    return { outcome: "warning", message };
  }
  return { outcome: "ok", message: "answers and takes the token" };
}
