import { defineScript } from "./run-script.ts";

/**
 * Lets a caller's key stand for a stream, unless it stands for one already; answers for which. It
 * expires with its stream, which renews it; before the stream begins, it waits for that `pendingMs`.
 *
 * Keys: claim, the stream's meta.
 */
export const claimScript = defineScript(`
local claim, meta = KEYS[1], KEYS[2]
local streamId, pendingMs = unpack(ARGV)

local holder = redis.call('GET', claim)
if holder then return holder end
local keepMs = redis.call('PTTL', meta)
if keepMs > 0 then
  local claims = redis.call('HGET', meta, 'claims') or ''
  redis.call('HSET', meta, 'claims', claims .. ' ' .. claim)
else
  keepMs = pendingMs
end
redis.call('SET', claim, streamId, 'PX', keepMs)
return streamId
`);
