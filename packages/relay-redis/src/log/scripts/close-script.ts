import { forgetFunction, keepEnded } from "./keep-ended.ts";
import { notifyReaders } from "./notify-readers.ts";
import { defineScript } from "../../connection/run-script.ts";

/**
 * The step of a relay that ends another one's stream: appends the terminal event, closes the log and
 * notifies the relay that writes it and those with readers, all or nothing. Given the key of that relay's lease, it does so
 * only when the lease has lapsed.
 *
 * Keys: log, meta, the relays with readers, the writing relay's control stream, its lease.
 */
export const closeScript = defineScript(`
local log, meta, readers, writer, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local streamId, closedBy, events, closedMs, lagMs, controlPattern = unpack(ARGV, 1, 6)
local maxKept, logPattern, metaPattern = unpack(ARGV, 7, 9)
${forgetFunction}
if lease and redis.call('EXISTS', lease) == 1 then return 0 end
local known = redis.call('HMGET', meta, 'last', 'closed', 'claims', 'kept')
local last, closed, kept = known[1], known[2], known[4]
if closed or not last then return 0 end

local id = string.format('%d', tonumber(string.match(last, '^%d+')) + 1)
redis.call('XADD', log, id .. '-0', 'first', id, 'events', events)
redis.call('HSET', meta, 'last', id .. '-0', 'closed', closedBy)
redis.call('PEXPIRE', meta, closedMs)
-- Longer than the hash, as when the writer itself ends it.
redis.call('PEXPIRE', log, closedMs + lagMs)
for claim in string.gmatch(known[3] or '', '%S+') do
  if redis.call('GET', claim) == streamId then redis.call('PEXPIRE', claim, closedMs) end
end

-- A stream that an older relay writes has none.
if kept then
${keepEnded}end

-- A writer that misses this finds out when it appends.
redis.call('XADD', writer, 'MAXLEN', '~', 1000, '*', 'closed', streamId, 'by', closedBy)
redis.call('PEXPIRE', writer, lagMs)
${notifyReaders}return 1
`);
