/**
 * The part of a script that notifies each relay with readers of a stream of new entries. A
 * relay that misses it sees so when it next renews its lease.
 *
 * Needs the locals `readers`, `streamId`, `controlPattern` and `lagMs`.
 */
export const notifyReaders = `
  for _, reader in ipairs(redis.call('SMEMBERS', readers)) do
    local control = string.gsub(controlPattern, '%%s', reader)
    redis.call('XADD', control, 'MAXLEN', '~', 1000, '*', 'log', streamId)
    redis.call('PEXPIRE', control, lagMs)
  end
`;
