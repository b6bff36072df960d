import { describeEventLog } from "./event-log.contract.ts";
import { createMemoryLog } from "./memory-log.ts";

describeEventLog("a log in memory", async (limits) => {
  const log = createMemoryLog({ ...limits, maxTotalLogBytes: 64 * 1_048_576 });
  return { here: log, there: log };
});
