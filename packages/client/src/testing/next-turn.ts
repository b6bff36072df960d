/** Lets everything run that waits for nothing outside: all microtasks, and what they have queued. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
