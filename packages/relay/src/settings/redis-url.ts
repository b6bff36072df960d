/** What the URL of a Redis server must be like, after "must". */
export const redisUrlRule = "be like redis://host:6379 or rediss://user:password@host:6379/0";

/** Whether `url` is the URL of a Redis server. */
export function isRedisUrl(url: string): boolean {
  try {
    const { protocol, username, password, pathname } = new URL(url);
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol) && /^(?:\/\d*)?$/.test(pathname);
  } catch {
    // What was thrown has the URL in it, and with it the password.
    return false;
  }
}
