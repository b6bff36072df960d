import licencePlugin from "rollup-plugin-license";

/**
 * @callback CreateLicenceScanner
 * @param {{ thirdParty(found: readonly import("rollup-plugin-license").Dependency[]): void }} options
 * @returns {{ renderChunk(code: string, file: object): void, generateBundle(): void }}
 */

// Its declarations promise a default export that its CommonJS does not have.
const createLicenceScanner = /** @type {CreateLicenceScanner} */ (
  /** @type {unknown} */ (licencePlugin)
);

/**
 * The first line of a file that travels alone: whose work it holds, and under which licences.
 *
 * @param {{ name: string, version: string, license: string }} own
 * @returns {import("rollup").AddonFunction}
 */
export function licenceBanner(own) {
  return (chunk) => {
    const packages = [own, ...inlinedInto([chunk])];
    const parts = packages.map((part) => `${part.name} ${part.version} (${part.license})`);
    return `/*! ${parts.join(", ")} */`;
  };
}

/**
 * Puts the licences of what is inlined from npm beside it.
 *
 * @returns {import("rollup").Plugin}
 */
export function thirdPartyNotices() {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle) {
      const notices = inlinedInto(Object.values(bundle)).map((inlined) => inlined.text());
      if (notices.length === 0) return;
      const source = `${notices.join("\n\n---\n\n")}\n`;
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source });
    },
  };
}

/**
 * The packages from npm that are a part of `files`. The licence plugin is asked and not installed:
 * as a plugin it would make every source map three times as large.
 *
 * @param {readonly object[]} files
 */
function inlinedInto(files) {
  /** @type {readonly import("rollup-plugin-license").Dependency[]} */
  let inlined = [];
  const scanner = createLicenceScanner({
    thirdParty(found) {
      inlined = found;
    },
  });
  for (const file of files) scanner.renderChunk("", file);
  scanner.generateBundle();
  return inlined;
}
