import { chromium } from "../../packages/client/browsers/engines/chromium.ts";
import { describeChats } from "../testing/describe-chats.ts";
import { behaviours } from "./behaviours.ts";

describeChats(chromium, behaviours, 0);
