/** Holds what draws itself: the element of a wire. */
export function WireDrawer({ element }: { readonly element: HTMLElement }) {
  return (
    <section
      className="gs-drawer"
      aria-label="What comes over the wire"
      ref={(host) => host?.replaceChildren(element)}
    />
  );
}
