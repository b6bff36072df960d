import { createHash } from "node:crypto";

/**
 * The name of a stream in logs and traces. Where callers are anonymous its id is all that anybody
 * needs to read and cancel it: those logs have the beginning of its SHA-256.
 *
 * @param owner Empty for an anonymous caller.
 */
export function loggedStreamId(streamId: string, owner: string): string {
  return owner === "" ? shortHash(streamId) : streamId;
}

/** A path in which nothing can be the id of a stream or of a conversation. */
export function loggedPath(path: string): string {
  return path
    .replace(/(?<=\/conversations\/).+?(?=\/streams?$|$)/, shortHash)
    .replaceAll(/[\w-]{22,}/g, shortHash);
}

/** A caller may send any text as `configurationId`. */
export function loggedConfigurationId(configurationId: string): string {
  return /^[\w.:/@-]{1,128}$/.test(configurationId) ? configurationId : "[redacted]";
}

function shortHash(id: string): string {
  return `sha256:${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}
