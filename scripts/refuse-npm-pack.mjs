// The `prepack` script of the packages. pnpm does not run it: see `ignoreScripts` in pnpm-workspace.yaml.
process.stderr.write(
  "npm pack leaves workspace: and catalog: versions in package.json, and cannot be installed. Use `npx pnpm@10 pack` instead.\n",
);
process.exitCode = 1;
