import { copyText } from "@gatestream/chat-kit";
import { useEffect, useState } from "react";

const copiedForMs = 2000;

/** Copies a text, and says for a moment whether it could. */
export function CopyButton({ text }: { readonly text: string }) {
  const [outcome, setOutcome] = useState<string>();

  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), copiedForMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy(): Promise<void> {
    setOutcome(await copyText(text));
  }

  return (
    <button className="gs-button" data-kind="quiet" type="button" onClick={copy}>
      {outcome ?? "Copy"}
    </button>
  );
}
