import { computed, shallowRef, type ComputedRef } from "vue";

interface Store<Snapshot> {
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
}

/** Each field of a snapshot as a ref. */
export type SnapshotRefs<Snapshot> = {
  readonly [Name in keyof Snapshot]-?: ComputedRef<Snapshot[Name]>;
};

/** Follows a store of one's own, which lives as long as its refs: nobody has to unsubscribe. */
export function useSnapshot<Snapshot extends object>(
  store: Store<Snapshot>,
): SnapshotRefs<Snapshot> {
  const snapshot = shallowRef(store.getSnapshot());
  store.subscribe(() => {
    snapshot.value = store.getSnapshot();
  });
  const names = Object.keys(snapshot.value) as (keyof Snapshot)[];
  return Object.fromEntries(
    names.map((name) => [name, computed(() => snapshot.value[name])]),
  ) as SnapshotRefs<Snapshot>;
}
