-- Removes what retention no longer keeps and a snapshot covers.
-- KEYS  meta, log, snapshot
-- ARGV  clock or '', events to keep, age to keep (ms)
-- Gives how many events were removed, and how many are left.
local s = meta(KEYS[1])
if not s.nonce then
  return { 0, 0 }
end
local low, low_at = lowest(s, KEYS[2], tonumber(ARGV[2]), clock(ARGV[1]) - tonumber(ARGV[3]))
remember_lowest(s, KEYS[1], low, low_at)
local covered = tonumber(redis.call('HGET', KEYS[3], 'seq') or 0)
return { redis.call('XTRIM', KEYS[2], 'MINID', '=', math.min(low, covered + 1)), redis.call('XLEN', KEYS[2]) }
