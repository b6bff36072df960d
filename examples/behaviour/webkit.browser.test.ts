import { webkit } from "../../packages/client/browsers/engines/webkit.ts";
import { describeChats } from "../testing/describe-chats.ts";
import { behaviours } from "./behaviours.ts";

describeChats(webkit, behaviours, 2);
