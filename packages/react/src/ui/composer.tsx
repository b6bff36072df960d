import { createComposer, type ComposerOptions } from "@gatestream/ui";
import { useEffect } from "react";
import { useView } from "./use-view.ts";

/** What messages are written with. */
export interface ComposerProps extends ComposerOptions {
  readonly className?: string | undefined;
}

/** Where messages are written; while an answer is being written, its button stops it. */
export function Composer({ className, ...options }: ComposerProps) {
  const { chat, labels, placeholder, maxMessageCharacters } = options;
  const { ref, view } = useView(
    (element) => createComposer(element, options),
    [chat, labels, maxMessageCharacters],
  );
  useEffect(() => view?.update({ placeholder }), [view, placeholder]);
  return <div ref={ref} className={className} />;
}
