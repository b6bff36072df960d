import { defineScript } from "../../connection/run-script.ts";

/**
 * Frees a caller's key, if it stands for the stream still: by now it may be another's.
 *
 * Keys: claim, the stream's meta.
 */
export const releaseScript = defineScript(`
local claim, meta = KEYS[1], KEYS[2]
local streamId = ARGV[1]

if redis.call('GET', claim) ~= streamId then return 0 end
redis.call('DEL', claim)
local rest = {}
for other in string.gmatch(redis.call('HGET', meta, 'claims') or '', '%S+') do
  if other ~= claim then rest[#rest + 1] = other end
end
-- An expired key must not be recreated without a time to live.
if redis.call('EXISTS', meta) == 1 then redis.call('HSET', meta, 'claims', table.concat(rest, ' ')) end
return 1
`);
