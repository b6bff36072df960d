/** What to do about a failed question, by the code of its error. */
const adviceByCode: Readonly<Record<string, string>> = {
  invalid_request: "Change the question or the configuration as the message says.",
  forbidden: "Name this configuration in GATESTREAM_ALLOWED_CONFIGURATIONS, or ask another one.",
  payload_too_large: "Ask a shorter question, or raise GATESTREAM_MAX_BODY_BYTES.",
  gateway_rejected:
    "Check that the configuration exists, and that the credentials may use it; GENESYS_GATEWAY_PATH or OPENAI_BASE_URL when the path is wrong.",
  gateway_auth_failed:
    "Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, or OPENAI_API_KEY: gatestream check tries them.",
  gateway_rate_limited: "Wait, and ask again.",
  gateway_unavailable: "Run gatestream check: it says whether the gateway can be reached.",
  gateway_timeout: "Ask again; GATESTREAM_FIRST_BYTE_TIMEOUT_MS when the model thinks for longer.",
  gateway_interrupted: "Ask again with --raw to see where the answer broke off.",
  gateway_protocol_error: "Ask again with --raw to see what came in place of an answer.",
};

export function adviceFor(code: string): string {
  return adviceByCode[code] ?? "Run gatestream check: it tries the settings one after the other.";
}
