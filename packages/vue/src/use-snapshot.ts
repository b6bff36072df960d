import { computed, shallowRef, type ComputedRef } from "vue";

interface Store<Snapshot> {
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
}

/** A field of a store's snapshot as a ref; made for each that is asked for. */
export type SnapshotRef<Snapshot> = <Name extends keyof Snapshot>(
  name: Name,
) => ComputedRef<Snapshot[Name]>;

/** Follows a store of one's own, which lives as long as its refs: nobody has to unsubscribe. */
export function useSnapshot<Snapshot>(store: Store<Snapshot>): SnapshotRef<Snapshot> {
  const snapshot = shallowRef(store.getSnapshot());
  store.subscribe(() => {
    snapshot.value = store.getSnapshot();
  });
  return (name) => computed(() => snapshot.value[name]);
}
