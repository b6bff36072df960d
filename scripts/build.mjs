// `npm run build`: builds every package, and nothing else.
import { buildPackages, installDependencies } from "./bootstrap.mjs";

installDependencies();
buildPackages();
