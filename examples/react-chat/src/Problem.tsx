import { explainError } from "@gatestream/chat-kit";
import type { StreamError } from "@gatestream/client";

/** Why an answer is not whole, and what to tell those who look after the relay. */
export function Problem({ error }: { readonly error: StreamError }) {
  const { code, requestId } = error;
  return (
    <div className="gs-problem" role="alert">
      <p className="gs-problem-words">{explainError(error)}</p>
      <p className="gs-problem-reference">
        {requestId === undefined ? code : `${code}, request ${requestId}`}
      </p>
    </div>
  );
}
