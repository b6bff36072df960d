import { describe } from "vitest";
import { testWriting } from "../contract/writing.ts";
import { createDirectLog } from "./direct-log.ts";

describe("the direct log", () => testWriting(createDirectLog));
