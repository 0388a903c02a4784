-- KEYS  for each stream: meta, ids of this generation, ids of the one before
-- ARGV  clock or '', idempotency window (ms), then for each stream: how many ids, and the ids
-- Gives for each stream: 0, and for each id the seq it was appended with, 0 when it is not known; or 2, error.
local now, window = clock(ARGV[1]), tonumber(ARGV[2])

local function find(key, newer, older, first, last)
  local there = redis.call('EXISTS', key) == 1
  local known = redis.call('HMGET', newer, unpack(ARGV, first, last))
  local before = redis.call('HMGET', older, unpack(ARGV, first, last))
  local answer = { 0 }
  for i = 1, last - first + 1 do
    local seq, at = string.match(there and (known[i] or before[i]) or '', '^(%d+) (%d+)$')
    answer[i + 1] = seq and now - tonumber(at) <= window and tonumber(seq) or 0
  end
  return answer
end

local answers, a = {}, 3
for k = 1, #KEYS, 3 do
  local last = a + tonumber(ARGV[a])
  answers[#answers + 1] = apart(find, KEYS[k], KEYS[k + 1], KEYS[k + 2], a + 1, last)
  a = last + 1
end
return answers
