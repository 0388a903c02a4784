-- Put before every other script.

-- What f gives, or 2 and its error: what fails for one stream harms no other of the same call.
local function apart(f, ...)
  local ok, answer, more = pcall(f, ...)
  if ok then
    return answer, more
  end
  return { 2, type(answer) == 'table' and answer.err or tostring(answer) }
end

-- The store's clock in Unix milliseconds, or the one that is handed in.
local function clock(given)
  if given ~= '' then
    return tonumber(given)
  end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- What names this server's line of history: it is another one after every restart and every promotion.
local function lineage()
  local info = redis.call('INFO', 'replication')
  local _, at = string.find(info, 'master_replid:', 1, true)
  return string.sub(info, at + 1, at + 10)
end

-- How long the time to live of a stream's keys may stay as it is while events are appended; it is so much longer than promised. An
-- eighth also of the age to keep, because a node of an earlier version shortens it to that age without a word.
local function lifetime_step(age, ttl)
  return math.floor(math.min(age, ttl) / 8)
end

-- The stream's meta, as it is now: a line of history that has changed since it was last seen is a fork at the last seq.
-- forks are 'epoch:last_seq', newest first.
local function meta(key, line)
  local m = redis.call('HMGET', key, 'top', 'nonce', 'line', 'forks', 'low', 'low_at')
  line = line or lineage()
  if not m[2] then
    return { top = 0, line = line, forks = '', low = 1, low_at = 0 }
  end
  local s = { top = tonumber(m[1]), nonce = m[2], line = line, forks = m[4] or '', low = tonumber(m[5]) or 1, low_at = tonumber(m[6]) or 0 }
  s.epoch = s.nonce .. '-' .. line
  if m[3] ~= line then
    local kept = { s.nonce .. '-' .. m[3] .. ':' .. s.top }
    for fork in string.gmatch(s.forks, '%S+') do
      if #kept < 32 then
        kept[#kept + 1] = fork
      end
    end
    s.forks = table.concat(kept, ' ')
    -- Kept by whoever sees it first, also a read: positions of this line are handed out from now on, and must be known in the
    -- next one. A server that may not write now says the same again at the next call.
    redis.pcall('HSET', key, 'line', line, 'forks', s.forks)
  end
  return s
end

-- Does the stream still hold everything up to seq of that epoch?
local function holds(s, epoch, seq)
  if epoch == '' or epoch == s.epoch then
    return seq <= s.top
  end
  local base = s.top
  for old, at in string.gmatch(s.forks, '(%S+):(%d+)') do
    base = math.min(base, tonumber(at))
    if old == epoch then
      return seq <= base
    end
  end
  return false
end

-- The first seq that retention lets be read, and the time of its entry; top + 1 and 0 when there is none. Entries never go back in time.
local function lowest(s, log, keep, oldest)
  local function at(seq)
    local e = redis.call('XRANGE', log, seq .. '-0', '+', 'COUNT', 1)[1]
    return e and tonumber(e[2][2]) or math.huge
  end
  local low = math.max(s.low, s.top - keep + 1)
  if low == s.low and s.low_at >= oldest then
    return low, s.low_at
  end
  local first = redis.call('XRANGE', log, low .. '-0', '+', 'COUNT', 1)[1]
  if low > s.top or not first then
    return s.top + 1, 0
  end
  low = math.max(low, tonumber(string.match(first[1], '^%d+')))
  if tonumber(first[2][2]) >= oldest then
    return low, tonumber(first[2][2])
  end
  local a, b = low + 1, s.top + 1
  while a < b do
    local mid = math.floor((a + b) / 2)
    if at(mid) >= oldest then
      b = mid
    else
      a = mid + 1
    end
  end
  return a, a <= s.top and at(a) or 0
end

-- Remembers it: what was once lost stays lost.
local function remember_lowest(s, key, low, low_at)
  if low ~= s.low or low_at ~= s.low_at then
    return redis.pcall('HSET', key, 'low', low, 'low_at', string.format('%.0f', low_at))
  end
end
