import { useCallback, useRef, useState } from "react";
import { useLatest } from "../use-latest.ts";

interface View {
  close(): void;
}

/** A view of `@gatestream/ui`, and the ref of the element that it is shown in. */
export interface MountedView<Mounted extends View> {
  readonly ref: (element: HTMLElement | null) => void;
  /** Undefined until the component is in the page, and while `<Activity>` hides it. */
  readonly view: Mounted | undefined;
}

/**
 * Creates a view in the element of a component before it is painted: in its ref, because layout
 * effects warn on the server in React 18.
 *
 * @param keys What another view is created for when it changes.
 */
export function useView<Mounted extends View>(
  create: (element: HTMLElement) => Mounted,
  keys: readonly unknown[],
): MountedView<Mounted> {
  const latest = useLatest(create);
  const mounted = useRef<Mounted>(undefined);
  const [view, setView] = useState<Mounted>();
  const ref = useCallback(
    (element: HTMLElement | null) => {
      mounted.current?.close();
      mounted.current = element === null ? undefined : latest.current(element);
      setView(mounted.current);
    },
    [latest, ...keys],
  );
  return { ref, view };
}
