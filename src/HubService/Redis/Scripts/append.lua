-- Appends a batch to one stream: all of it or nothing. Reads first; nothing may fail after the first write of the batch, which is
-- one that a full server refuses.
-- KEYS  meta, log, ids of this generation, ids of the one before, snapshot, unsettled streams
-- ARGV  clock or '', nonce for a new stream, events to keep, age to keep, idempotency window, time to live (all ms), channel,
--       stream's name, expected epoch, expected seq or '', then for each event: id, '1' if its publisher may send it again, time, entry
-- Gives 0, epoch, top, and per event its seq, negative when it is a duplicate; or 1, epoch, top when the stream does not end
-- where it is expected to.
local now, window, ttl = clock(ARGV[1]), tonumber(ARGV[5]), tonumber(ARGV[6])
local s = meta(KEYS[1])
local created = not s.nonce
if created then
  s.nonce, s.since, s.epoch = ARGV[2], now, ARGV[2] .. '-' .. s.line
end

local expected = tonumber(ARGV[10])
if expected and not (expected == s.top and (created or holds(s, ARGV[9], expected))) then
  -- It may stand there already, from a try whose answer was lost.
  local seqs = { 0, s.epoch, s.top }
  if not created and #ARGV > 10 and holds(s, ARGV[9], expected) then
    local kept = redis.call('XRANGE', KEYS[2], (expected + 1) .. '-0', '+', 'COUNT', (#ARGV - 10) / 4)
    for i = 1, (#ARGV - 10) / 4 do
      if not kept[i] or kept[i][1] ~= (expected + i) .. '-0' or kept[i][2][4] ~= ARGV[10 + i * 4] then
        break
      end
      seqs[3 + i] = expected + i
    end
  end
  if #ARGV > 10 and #seqs == 3 + (#ARGV - 10) / 4 then
    return seqs
  end
  return { 1, created and '' or s.epoch, s.top }
end

local known, before, ids = {}, {}, {}
for i = 11, #ARGV, 4 do
  ids[#ids + 1] = ARGV[i]
end
if #ids > 0 and not created then
  known = redis.call('HMGET', KEYS[3], unpack(ids))
  before = redis.call('HMGET', KEYS[4], unpack(ids))
end

local seqs, entries, remembered, seen = { 0, s.epoch, s.top }, {}, {}, {}
local first, top = s.top + 1, s.top
for i, id in ipairs(ids) do
  local seq, at = string.match(known[i] or before[i] or '', '^(%d+) (%d+)$')
  if seen[id] then
    seqs[#seqs + 1] = -seen[id]
  elseif seq and now - tonumber(at) <= window then
    seqs[#seqs + 1] = -tonumber(seq)
  else
    top = top + 1
    seqs[#seqs + 1] = top
    local a = 7 + i * 4
    s.at = math.max(s.at, tonumber(ARGV[a + 2]))
    entries[#entries + 1] = { string.format('%.0f', s.at), ARGV[a + 3] }
    if ARGV[a + 1] == '1' then
      seen[id] = top
      remembered[#remembered + 1] = id
      remembered[#remembered + 1] = top .. ' ' .. string.format('%.0f', now)
    end
  end
end
if #entries == 0 then
  if created then
    seqs[2] = ''
  end
  return seqs
end

local rotate = now - s.since > window
if rotate then
  s.since = now
end
redis.call('HSET', KEYS[1], 'top', top, 'nonce', s.nonce, 'line', s.line, 'forks', s.forks, 'since', string.format('%.0f', s.since), 'at', string.format('%.0f', s.at))
if created then
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
elseif rotate then
  redis.call('DEL', KEYS[4])
  if redis.call('EXISTS', KEYS[3]) == 1 then
    redis.call('RENAME', KEYS[3], KEYS[4])
  end
end
redis.call('SADD', KEYS[6], ARGV[8])
local frame, bytes = {}, 0
for i, e in ipairs(entries) do
  redis.call('XADD', KEYS[2], (first + i - 1) .. '-0', 't', e[1], 'd', e[2])
  frame[i] = struct.pack('>I4', #e[2]) .. e[2]
  bytes = bytes + #e[2]
end
if #remembered > 0 then
  redis.call('HSET', KEYS[3], unpack(remembered))
  redis.call('PEXPIRE', KEYS[3], 2 * window)
end

s.top = top
local covered = tonumber(redis.call('HGET', KEYS[5], 'seq') or 0)
local low, low_at = lowest(s, KEYS[2], tonumber(ARGV[3]), now - tonumber(ARGV[4]))
remember_lowest(s, KEYS[1], low, low_at)
if low > s.low then
  redis.call('XTRIM', KEYS[2], 'MINID', '~', math.min(low, covered + 1), 'LIMIT', 1000)
end
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[2], ttl)
redis.call('PEXPIRE', KEYS[5], ttl)

-- Large batches are read from the log instead.
if bytes > 65536 then
  frame = {}
end
redis.call('PUBLISH', ARGV[7], s.epoch .. ' ' .. top .. ' ' .. #frame .. ' ' .. #ARGV[8] .. '\n' .. ARGV[8] .. table.concat(frame))
seqs[3] = top
return seqs
