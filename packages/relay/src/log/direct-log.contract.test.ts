import { describe } from "vitest";
import { batchesOf } from "./contract/logs-under-test.ts";
import { testWriting } from "./contract/writing.ts";
import { DirectLog } from "./direct-log.ts";

describe("the direct log", () =>
  testWriting(async () => {
    const log = new DirectLog({ onRoom() {} });
    return { writer: log, reader: batchesOf((reader) => log.follow(reader)) };
  }));
