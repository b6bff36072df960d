import type { Behaviour } from "../testing/describe-chats.ts";
import { answering } from "./answering.ts";
import { asking } from "./asking.ts";
import { connection } from "./connection.ts";
import { look } from "./look.ts";
import { saved } from "./saved.ts";

/** What a chat does, on each of the pages. */
export const behaviours: readonly Behaviour[] = [
  ...answering,
  ...asking,
  ...connection,
  ...saved,
  ...look,
];
