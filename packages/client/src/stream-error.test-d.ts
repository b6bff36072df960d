import { expectTypeOf, test } from "vitest";
import {
  isStreamError,
  StreamError,
  type ClientErrorCode,
  type ErrorCode,
  type StreamErrorCode,
} from "./index.ts";

test("a code is one of the known words, so that a switch can be checked", () => {
  expectTypeOf<StreamError["code"]>().toEqualTypeOf<ErrorCode | ClientErrorCode>();
  expectTypeOf<ClientErrorCode>().toEqualTypeOf<
    "network" | "headers" | "timeout" | "stalled" | "truncated" | "protocol" | "aborted" | "tool"
  >();
  expectTypeOf<string>().not.toExtend<StreamErrorCode>();
  // @ts-expect-error no such code
  void new StreamError("netwrok", "Away.");
});

test("the guard narrows what was caught", () => {
  const caught: unknown = undefined;
  // @ts-expect-error anything can be thrown
  void caught.code;
  if (isStreamError(caught)) {
    expectTypeOf(caught).toEqualTypeOf<StreamError>();
    expectTypeOf(caught.retryAfterMs).toEqualTypeOf<number | undefined>();
    // @ts-expect-error no such code to compare with
    void (caught.code === "timed out");
  }
});
