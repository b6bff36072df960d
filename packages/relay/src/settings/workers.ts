import type { RelaySettings } from "./settings.ts";
import { label } from "./shown.ts";

/** What is promised to others for the whole machine: no worker can have less than one of it. */
const promised = ["requestsPerMinute", "maxConcurrentStreams", "maxConnections"] as const;

/** What each of several workers may have a share of. */
const divided = [...promised, "maxQueued"] as const;

/** What is wrong with having that many workers. */
export function* workersProblems(settings: RelaySettings): Iterable<string> {
  const { workers, resume, requestsPerMinutePerSubject, redisUrl } = settings;
  if (workers === 1) return;
  for (const name of promised) {
    // maxConnections has no limit at 0.
    if (settings[name] === 0 || settings[name] >= workers) continue;
    yield `${label("workers")} (${workers}) must not be more than ${label(name)} (${settings[name]}), of which each worker has its share.`;
  }
  if (resume === "memory") {
    yield `${label("resume")} is "memory", but a reader may come back to another of the ${workers} ${label("workers")}: set ${label("resume")} to "redis", or ${label("workers")} to 1.`;
  }
  if (requestsPerMinutePerSubject > 0 && redisUrl === "") {
    yield `${label("requestsPerMinutePerSubject")} would be counted by each of the ${workers} ${label("workers")} for itself: set ${label("redisUrl")}, where they count together, or ${label("workers")} to 1.`;
  }
}

/** The settings of one worker: together they keep to what the settings promise. */
export function shareOfWorker(settings: RelaySettings): Partial<RelaySettings> {
  const shares = divided.map((name) => {
    const whole = settings[name];
    return [name, whole === 0 ? 0 : Math.max(1, Math.floor(whole / settings.workers))];
  });
  // Decided by the number of all workers.
  const { resume } = settings;
  return { ...Object.fromEntries(shares), resume, workers: 1 };
}
