-- KEYS  meta, ids of this generation, ids of the one before
-- ARGV  clock or '', idempotency window (ms), ids
-- Gives for each id the seq it was appended with, 0 when it is not known.
local seqs, now, window = {}, clock(ARGV[1]), tonumber(ARGV[2])
local there = redis.call('EXISTS', KEYS[1]) == 1
local known = redis.call('HMGET', KEYS[2], unpack(ARGV, 3))
local before = redis.call('HMGET', KEYS[3], unpack(ARGV, 3))
for i = 1, #ARGV - 2 do
  local seq, at = string.match(there and (known[i] or before[i]) or '', '^(%d+) (%d+)$')
  seqs[i] = seq and now - tonumber(at) <= window and tonumber(seq) or 0
end
return seqs
