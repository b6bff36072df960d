import { onBeforeUnmount, onMounted, shallowRef, watch, type ShallowRef } from "vue";

interface View {
  close(): void;
}

/** A view of `@gatestream/ui`, and the ref of the element that it is shown in. */
export interface MountedView<Mounted extends View> {
  readonly element: ShallowRef<HTMLElement | undefined>;
  /** Undefined until the component is in the page. */
  readonly view: ShallowRef<Mounted | undefined>;
}

/**
 * Creates a view in the element of a component.
 *
 * @param keys What another view is created for when it changes.
 */
export function useView<Mounted extends View>(
  create: (element: HTMLElement) => Mounted,
  keys: () => readonly unknown[],
): MountedView<Mounted> {
  const element = shallowRef<HTMLElement>();
  const view = shallowRef<Mounted>();
  function open(): void {
    view.value?.close();
    if (element.value) view.value = create(element.value);
  }
  onMounted(open);
  watch(
    keys,
    (next, before) => {
      if (next.some((key, index) => key !== before[index])) open();
    },
    { flush: "post" },
  );
  onBeforeUnmount(() => view.value?.close());
  return { element, view };
}
