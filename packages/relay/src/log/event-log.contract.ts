import { describe } from "vitest";
import { testBounds } from "./contract/bounds.ts";
import { testCancelling } from "./contract/cancelling.ts";
import { testClaiming } from "./contract/claiming.ts";
import { testClosing } from "./contract/closing.ts";
import { testComingBack } from "./contract/coming-back.ts";
import { testConversations } from "./contract/conversations.ts";
import { testFinding } from "./contract/finding.ts";
import type { MakeLogs } from "./contract/logs-under-test.ts";
import { testOrder } from "./contract/order.ts";
import { testReaders } from "./contract/readers.ts";

/** What every resumable log guarantees. */
export function describeEventLog(name: string, makeLogs: MakeLogs): void {
  describe(name, () => {
    describe("order", () => testOrder(makeLogs));
    describe("readers", () => testReaders(makeLogs));
    describe("coming back", () => testComingBack(makeLogs));
    describe("bounds", () => testBounds(makeLogs));
    describe("finding", () => testFinding(makeLogs));
    describe("conversations", () => testConversations(makeLogs));
    describe("claiming", () => testClaiming(makeLogs));
    describe("cancelling", () => testCancelling(makeLogs));
    describe("closing", () => testClosing(makeLogs));
  });
}
