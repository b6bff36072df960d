import { forgetFunction } from "./keep-ended.ts";
import { defineScript } from "../../connection/run-script.ts";

/**
 * Forgets a stream whose id no client received, unless another relay has readers of it.
 *
 * Keys: the stream's meta, the relays with readers.
 */
export const discardScript = defineScript(`
local meta, readers = KEYS[1], KEYS[2]
local streamId, logPattern, metaPattern = unpack(ARGV)
${forgetFunction}
if redis.call('EXISTS', readers) == 1 then return 0 end
local kept = redis.call('HGET', meta, 'kept')
if kept then redis.call('LREM', kept, 1, streamId) end
forget(streamId)
return 1
`);
