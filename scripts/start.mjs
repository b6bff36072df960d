// `npm start`: the emulator or the real gateway, the relay and a page, from a fresh clone.
import { buildPackages, installDependencies } from "./bootstrap.mjs";

installDependencies();
buildPackages();
// In this process, so that Ctrl-C reaches all of it.
await import("../examples/vanilla/server.mjs");
