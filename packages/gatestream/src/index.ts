export { readEnvironmentFile } from "./settings/environment-file.ts";
export {
  listenOptionsFromEnvironment,
  relayOptionsFromEnvironment,
} from "./settings/environment.ts";
