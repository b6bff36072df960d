/** @throws Error when `url` is no URL of a Redis server; it does not repeat the URL. */
export function checkRedisUrl(url: string): void {
  if (isRedisUrl(url)) return;
  throw new Error("redisUrl must be like redis://host:6379 or rediss://user:password@host:6379/0");
}

function isRedisUrl(url: string): boolean {
  try {
    const { protocol, username, password, pathname } = new URL(url);
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol) && /^(?:\/\d*)?$/.test(pathname);
  } catch {
    // What was thrown has the URL in it, and with it the password.
    return false;
  }
}
