import { firefox } from "../../packages/client/browsers/engines/firefox.ts";
import { describeChats } from "../testing/describe-chats.ts";
import { behaviours } from "./behaviours.ts";

describeChats(firefox, behaviours, 1);
