export { createPinoObserver, type PinoLogger } from "./pino-observer.ts";
export { readEnvironmentFile } from "./settings/environment-file.ts";
export {
  listenOptionsFromEnvironment,
  relayOptionsFromEnvironment,
} from "./settings/environment.ts";
