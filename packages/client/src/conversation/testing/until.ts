interface Watched<Snapshot> {
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
}

/** Resolves with the first snapshot that is as wished. */
export function until<Snapshot>(
  watched: Watched<Snapshot>,
  isAsWished: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
  return new Promise((resolve) => {
    const unsubscribe = watched.subscribe(look);
    function look(): void {
      const snapshot = watched.getSnapshot();
      if (!isAsWished(snapshot)) return;
      unsubscribe();
      resolve(snapshot);
    }
    look();
  });
}
