/**
 * The part of a script that forgets a stream: its events, its facts and the callers' keys that stand
 * for it.
 *
 * Needs the locals `logPattern` and `metaPattern`.
 */
export const forgetFunction = `
local function forget(id)
  local meta = string.gsub(metaPattern, '%%s', id)
  local log = string.gsub(logPattern, '%%s', id)
  for claim in string.gmatch(redis.call('HGET', meta, 'claims') or '', '%S+') do
    if redis.call('GET', claim) == id then redis.call('DEL', claim) end
  end
  redis.call('DEL', meta, log)
end
`;

/**
 * The part of a script that counts a stream which has just ended among those that are kept of its
 * caller, and forgets the ones that ended first when there are too many.
 *
 * Needs the locals `kept`, `maxKept`, `streamId` and `closedMs`, and the function `forget`.
 */
export const keepEnded = `
  redis.call('RPUSH', kept, streamId)
  redis.call('PEXPIRE', kept, closedMs)
  while redis.call('LLEN', kept) > tonumber(maxKept) do forget(redis.call('LPOP', kept)) end
`;
