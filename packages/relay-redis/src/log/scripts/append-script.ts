import { forgetFunction, keepEnded } from "./keep-ended.ts";
import { notifyReaders } from "./notify-readers.ts";
import { defineScript } from "../../connection/run-script.ts";

/**
 * The writer's step: takes entries if they follow what is there, and answers where the log stands
 * now. So it may be repeated when an answer was lost, and heals a Redis that lost data. Without
 * entries it makes the stream known, and keeps it from expiring.
 *
 * Relays that have readers of the stream are notified that there are new entries, without them.
 *
 * Keys: log, meta, the relay's lease, the relays with readers, the ended streams of the caller, then
 * claims that stand for the stream.
 * Entries are given as id, first event's id and events, three after three. Answer: the id of the
 * last entry, and who closed the log.
 */
export const appendScript = defineScript(`
local log, meta, lease, readers, kept = unpack(KEYS, 1, 5)
local streamId, subject, relayId, writer, after = unpack(ARGV, 1, 5)
local isLast, maxBytes, openMs, closedMs, lagMs, leaseMs, controlPattern = unpack(ARGV, 6, 12)
local maxKept, logPattern, metaPattern = unpack(ARGV, 13, 15)
local firstEntry = 16
${forgetFunction}
local known = redis.call('HMGET', meta, 'last', 'closed', 'bytes', 'writer', 'claims')
local last, closed, bytes = known[1], known[2], tonumber(known[3] or 0)
local claims = known[5] or ''
if not last then
  -- A log may outlive its hash, and would refuse ids that come again.
  redis.call('DEL', log)
  last, bytes, claims = '0-0', 0, table.concat(KEYS, ' ', 6)
  redis.call('HSET', meta, 'subject', subject, 'relay', relayId, 'writer', writer,
    'last', last, 'bytes', bytes, 'claims', claims, 'kept', kept)
elseif known[4] ~= writer then
  return { last, 'taken' }
end
-- The end of a closed log is known already: nothing renews it.
if closed then return { last, closed } end

if last == after and ARGV[firstEntry] then
  for i = firstEntry, #ARGV, 3 do
    redis.call('XADD', log, ARGV[i], 'first', ARGV[i + 1], 'events', ARGV[i + 2])
    last, bytes = ARGV[i], bytes + #ARGV[i + 2]
  end
  while bytes > tonumber(maxBytes) do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 2)
    -- The newest stays, however big it is.
    if #oldest < 2 then break end
    bytes = bytes - #oldest[1][2][4]
    redis.call('XTRIM', log, 'MINID', oldest[2][1])
  end
  redis.call('HSET', meta, 'last', last, 'bytes', bytes)
  if isLast == '1' then
    closed = 'writer'
    redis.call('HSET', meta, 'closed', closed)
${keepEnded}  end
${notifyReaders}end

-- Who writes is alive, also before its first tick.
redis.call('SET', lease, '', 'PX', leaseMs)
local keepMs = closed and closedMs or openMs
redis.call('PEXPIRE', meta, keepMs)
-- Longer than the hash, which says whether the stream is known: readers may still be on their way.
redis.call('PEXPIRE', log, keepMs + lagMs)
for claim in string.gmatch(claims, '%S+') do
  -- Again where Redis has lost it; what stands for another stream stays as it is.
  redis.call('SET', claim, streamId, 'NX', 'PX', keepMs)
  if redis.call('GET', claim) == streamId then redis.call('PEXPIRE', claim, keepMs) end
end
return { last, closed or '' }
`);
