import { useEffect, useState } from "react";

const copiedForMs = 2000;

/** Copies a text, and says for a moment that it did. Only secure contexts have a clipboard. */
export function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);

  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), copiedForMs);
    return () => clearTimeout(timer);
  }, [isCopied]);

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  }

  return (
    <button className="gs-button" data-kind="quiet" type="button" onClick={copy}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}
