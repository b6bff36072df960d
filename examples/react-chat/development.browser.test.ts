import { testDevelopmentServer } from "../testing/development-server.ts";

testDevelopmentServer(new URL("./", import.meta.url));
