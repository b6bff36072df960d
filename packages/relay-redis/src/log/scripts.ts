import { defineScript, type Script } from "../connection/redis-connection.ts";

/**
 * A program over one stream, whose first argument is what it is given, as JSON. What a stream has in
 * Redis, under `{prefix}:{streamId}:…`:
 *
 * - `log`: its events, a Redis Stream
 * - `meta`: what is known of it besides, a hash: `subject`; `facts`, the others as JSON; `relay` and
 *   `writer`, who writes it; `kept`, the list of its caller's ended streams; `conversation`, the sorted set
 *   of its conversation's streams by when they expire; `last`, the id of the last entry; `bytes`, the size
 *   of the log; `closed`, who closed it; `reason`, why its writer did
 * - `read`: there for a while after it had a reader on another relay than its writer's
 * - `claims`: the callers' keys that stand for it, a set
 * - `events`: the channel where its readers' relays are notified of new entries
 */
function defineStreamScript(source: string): Script {
  return defineScript(`
local given = cjson.decode(ARGV[1])
local function keyOf(part, id)
  return given.keyPrefix .. ':{' .. (id or given.streamId) .. '}:' .. part
end
local log, meta, claims, events = keyOf('log'), keyOf('meta'), keyOf('claims'), keyOf('events')

-- The log is kept longer than the hash, which says whether the stream is known: readers may still be
-- on their way.
local function keepFor(ms)
  for _, claim in ipairs(redis.call('SMEMBERS', claims)) do redis.call('PEXPIRE', claim, ms) end
  redis.call('PEXPIRE', claims, ms)
  redis.call('PEXPIRE', meta, ms)
  redis.call('PEXPIRE', log, ms + given.lagMs)
  local conversation = redis.call('HGET', meta, 'conversation')
  if not conversation then return end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', conversation, '-inf', now)
  redis.call('ZADD', conversation, now + ms, given.streamId)
  local last = redis.call('ZRANGE', conversation, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', conversation, last[2])
end

local function freeKeys(id)
  for _, claim in ipairs(redis.call('SMEMBERS', keyOf('claims', id))) do redis.call('DEL', claim) end
  redis.call('DEL', keyOf('claims', id))
end

local function forget(id)
  freeKeys(id)
  local conversation = redis.call('HGET', keyOf('meta', id), 'conversation')
  if conversation then redis.call('ZREM', conversation, id) end
  redis.call('DEL', keyOf('log', id), keyOf('meta', id), keyOf('read', id))
end

-- Counts it among the ended streams of its caller, and forgets those that ended first when there are
-- too many.
local function close(by)
  local kept = redis.call('HGET', meta, 'kept')
  redis.call('HSET', meta, 'closed', by)
  redis.call('RPUSH', kept, given.streamId)
  redis.call('PEXPIRE', kept, given.retainClosedMs)
  while redis.call('LLEN', kept) > given.maxKeptStreamsPerSubject do
    forget(redis.call('LPOP', kept))
  end
end

local function known(...) return unpack(redis.call('HMGET', meta, ...)) end
${source}`);
}

/**
 * The writer's step: takes entries if they follow what is there, and answers where the log stands
 * now: the id of the last entry, and who closed it. So it may be repeated when an answer was lost.
 * Without entries it makes the stream known, and keeps it from expiring. Its facts are given with the
 * first entries, or where there are none yet. One that has ended and is
 * discarded is forgotten, unless another relay has readers of it.
 *
 * Further arguments: entries as id, first event's id and events, three after three.
 */
export const appendScript = defineStreamScript(`
local last, closed, bytes, writer = known('last', 'closed', 'bytes', 'writer')
if not last then
  -- A log may outlive its hash, and would refuse ids that come again.
  redis.call('DEL', log)
  last, bytes = '0-0', 0
  redis.call('HSET', meta, 'last', last, 'bytes', bytes, 'subject', given.subject, 'kept', given.kept,
    'relay', given.relayId, 'writer', given.writerId)
elseif writer ~= given.writerId then
  return { last, 'taken' }
end
if given.facts then redis.call('HSET', meta, 'facts', given.facts) end
if given.conversation then redis.call('HSET', meta, 'conversation', given.conversation) end
if given.freesKeys then freeKeys(given.streamId) end
-- The end of a closed log is known already: nothing renews it.
if closed then
  if given.isDiscarded and redis.call('PUBSUB', 'NUMSUB', events)[2] == 0 then
    redis.call('LREM', given.kept, 1, given.streamId)
    forget(given.streamId)
  end
  return { last, closed }
end

if last == given.after and #ARGV > 1 then
  for i = 2, #ARGV, 3 do
    redis.call('XADD', log, ARGV[i], 'first', ARGV[i + 1], 'events', ARGV[i + 2])
    last, bytes = ARGV[i], bytes + #ARGV[i + 2]
  end
  while bytes > given.maxLogBytes do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 2)
    -- The newest stays, however big it is.
    if #oldest < 2 then break end
    bytes = bytes - #oldest[1][2][4]
    redis.call('XTRIM', log, 'MINID', oldest[2][1])
  end
  redis.call('HSET', meta, 'last', last, 'bytes', bytes)
  redis.call('PUBLISH', events, '')
  if given.isLast then
    closed = 'writer'
    redis.call('HSET', meta, 'reason', given.reason or '')
    close(closed)
  end
end

-- Who writes is alive, also before its first tick.
redis.call('SET', given.lease, '', 'PX', given.leaseMs)
keepFor(closed and given.retainClosedMs or given.openMs)
return { last, closed or '' }
`);

/**
 * The step of a relay that ends another one's stream: appends the terminal event, closes the log and
 * notifies the relay that writes it and those with readers. Given that relay's lease, it does so only
 * when the lease has lapsed.
 */
export const closeScript = defineStreamScript(`
if given.lease and redis.call('EXISTS', given.lease) == 1 then return end
local last, closed = known('last', 'closed')
if closed or not last then return end
local id = string.format('%d', tonumber(string.match(last, '^%d+')) + 1)
redis.call('XADD', log, id .. '-0', 'first', id, 'events', given.terminal)
redis.call('HSET', meta, 'last', id .. '-0')
close(given.closedBy)
keepFor(given.retainClosedMs)
-- A writer that misses this finds out when it appends.
redis.call('PUBLISH', given.writer, given.streamId)
redis.call('PUBLISH', events, '')
`);

/** Makes a relay the writer of a stream whose writer's lease has lapsed; answers the id of the last entry. */
export const takeScript = defineStreamScript(`
local last, closed, relay = known('last', 'closed', 'relay')
if closed or not last or relay ~= given.lostRelayId then return end
if redis.call('EXISTS', given.lostLease) == 1 then return end
redis.call('HSET', meta, 'relay', given.relayId, 'writer', given.writerId)
redis.call('SET', given.lease, '', 'PX', given.leaseMs)
keepFor(given.openMs)
return last
`);

/**
 * Binds an idempotency key to a stream, unless it is bound already; returns to which stream. The
 * binding expires with its stream, which renews it; before the stream begins, after `lagMs`.
 */
export const claimScript = defineStreamScript(`
local holder = redis.call('GET', given.claim)
if holder then return holder end
local leftMs = redis.call('PTTL', meta)
local keepMs = leftMs > 0 and leftMs or given.lagMs
redis.call('SET', given.claim, given.streamId, 'PX', keepMs)
redis.call('SADD', claims, given.claim)
redis.call('PEXPIRE', claims, keepMs)
return given.streamId
`);

/** Frees a key, if it stands for the stream still: by now it may be another's. */
export const releaseScript = defineStreamScript(`
if redis.call('GET', given.claim) ~= given.streamId then return end
redis.call('DEL', given.claim)
redis.call('SREM', claims, given.claim)
`);
