import { defineScript } from "../../connection/run-script.ts";

/**
 * Binds an idempotency key to a stream, unless it is bound already; returns to which stream. The
 * binding expires with its stream, which renews it; before the stream begins, after `pendingMs`.
 *
 * An unbound key stays unbound, and the reply is "", when `mayBind` is 0 or when Redis has another
 * epoch than the relay knows: Redis lost its data, and the relay that writes the key's stream may
 * not have written the key again. The second value of the reply is the epoch.
 *
 * Keys: claim, the stream's meta, epoch.
 */
export const claimScript = defineScript(`
local claim, meta, epochKey = KEYS[1], KEYS[2], KEYS[3]
local streamId, pendingMs, mayBind, knownEpoch, newEpoch, epochMs = unpack(ARGV)

redis.call('SET', epochKey, newEpoch, 'NX', 'PX', epochMs)
local epoch = redis.call('GET', epochKey)
local holder = redis.call('GET', claim)
if holder then return { holder, epoch } end
if mayBind == '0' or (knownEpoch ~= '' and knownEpoch ~= epoch) then return { '', epoch } end

local keepMs = redis.call('PTTL', meta)
if keepMs > 0 then
  local claims = redis.call('HGET', meta, 'claims') or ''
  redis.call('HSET', meta, 'claims', claims .. ' ' .. claim)
else
  keepMs = pendingMs
end
redis.call('SET', claim, streamId, 'PX', keepMs)
return { streamId, epoch }
`);
