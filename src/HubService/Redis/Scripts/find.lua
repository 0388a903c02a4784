-- KEYS  for each stream: meta, ids of this generation, ids of the one before
-- ARGV  clock or '', idempotency window (ms), then for each stream: how many ids, and the ids
-- Gives for each id, of one stream after the other, the seq it was appended with, 0 when it is not known.
local seqs, now, window, a = {}, clock(ARGV[1]), tonumber(ARGV[2]), 3
for k = 1, #KEYS, 3 do
  local count, there = tonumber(ARGV[a]), redis.call('EXISTS', KEYS[k]) == 1
  local known = redis.call('HMGET', KEYS[k + 1], unpack(ARGV, a + 1, a + count))
  local before = redis.call('HMGET', KEYS[k + 2], unpack(ARGV, a + 1, a + count))
  for i = 1, count do
    local seq, at = string.match(there and (known[i] or before[i]) or '', '^(%d+) (%d+)$')
    seqs[#seqs + 1] = seq and now - tonumber(at) <= window and tonumber(seq) or 0
  end
  a = a + 1 + count
end
return seqs
