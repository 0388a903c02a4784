-- Appends to many streams, to each a batch: all of it or nothing. One stream's failure harms no other. For each stream reads come
-- first; nothing may fail after the first write of a batch, which is one that a full server refuses.
-- KEYS  unsettled streams, then what each stream's keys begin with, which is its channel too
-- ARGV  clock or '', nonce for new streams, idempotency window, time to live (both ms), then for each stream: its name, events to
--       keep, age to keep (ms), expected epoch, expected seq or '', how many events, and of each event: its id, or '' when its
--       publisher cannot send it again; time; entry
-- Gives for each stream: 0, epoch, top, and, when not all events are new, per event its seq, negative when it is a duplicate; or 1, epoch, top when the stream does not end where it is expected to; or 2, error.
local call, unpack, tonumber, concat = redis.call, unpack, tonumber, table.concat
local now, line = clock(ARGV[1]), lineage()
local now_text, nonce, window, ttl = string.format('%.0f', now), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

-- What stands after the expected seq, if that is what is to be appended: then it is a try whose answer was lost.
local function appended_before(s, log, epoch, expected, events, count)
  if count == 0 or not s.nonce or not holds(s, epoch, expected) then
    return nil
  end
  local kept = call('XRANGE', log, (expected + 1) .. '-0', '+', 'COUNT', count)
  for i = 1, count do
    if not kept[i] or kept[i][1] ~= (expected + i) .. '-0' or kept[i][2][4] ~= ARGV[events + i * 3 - 1] then
      return nil
    end
  end
  return { 0, s.epoch, expected + count }
end

-- The seqs that ids were given within the window.
local function known_seqs(root, ids)
  local known, newer, older = {}, call('HMGET', root .. ':i', unpack(ids)), call('HMGET', root .. ':j', unpack(ids))
  for i, id in ipairs(ids) do
    local seq, at = string.match(newer[i] or older[i] or '', '^(%d+) (%d+)$')
    if seq and now - tonumber(at) <= window then
      known[id] = tonumber(seq)
    end
  end
  return known
end

-- Ids are kept in two generations, so that old ones go without being looked for.
local function remember(root, since, kept, remembered)
  if now - since > window then
    since = now
    call('DEL', root .. ':j')
    if call('EXISTS', root .. ':i') == 1 then
      call('RENAME', root .. ':i', root .. ':j')
    end
  end
  call('HSET', root .. ':i', unpack(remembered))
  if kept ~= since then
    call('PEXPIRE', root .. ':i', 2 * window)
    since = string.format('%.0f', since)
    call('HSET', root .. ':m', 'since', since, 'kept', since)
  end
end

local function trim(root, keep, age)
  local s = meta(root .. ':m', line)
  local low, low_at = lowest(s, root .. ':l', keep, now - age)
  remember_lowest(s, root .. ':m', low, low_at)
  if low > s.low then
    local covered = tonumber(call('HGET', root .. ':s', 'seq') or 0)
    call('XTRIM', root .. ':l', 'MINID', '~', math.min(low, covered + 1), 'LIMIT', 1000)
  end
end

-- Which events are new: where they stand in ARGV, the seq of each, and what is to be remembered, all in the order of the events.
local function choose(known, top, events, count)
  local fresh, seqs, remembered = {}, {}, {}
  for a = events, events + count * 3 - 1, 3 do
    local id = ARGV[a]
    if known[id] then
      seqs[#seqs + 1] = -known[id]
    else
      top = top + 1
      fresh[#fresh + 1] = a
      seqs[#seqs + 1] = top
      if id ~= '' then
        known[id] = top
        remembered[#remembered + 1] = id
        remembered[#remembered + 1] = string.format('%d ', top) .. now_text
      end
    end
  end
  return fresh, seqs, remembered
end

-- What nodes that follow are told. Large batches they read from the log instead.
local function frame(epoch, top, name, entries, bytes)
  local line, count = epoch .. ' ' .. top .. ' ', #entries
  if count == 1 and bytes <= 65536 then
    return line .. '1 ' .. #name .. '\n' .. name .. struct.pack('>I4', bytes) .. entries[1]
  end
  local parts = { line, bytes <= 65536 and count or 0, ' ', #name, '\n', name }
  for i = 1, bytes <= 65536 and count or 0 do
    parts[#parts + 1] = struct.pack('>I4', #entries[i])
    parts[#parts + 1] = entries[i]
  end
  return concat(parts)
end

-- events is where the first event stands in ARGV. Tells besides the answer whether anything was appended.
local function append(root, name, keep, age, expected_epoch, expected, events, count)
  local key, log, ids = root .. ':m', root .. ':l', nil
  for a = events, events + count * 3 - 1, 3 do
    if ARGV[a] ~= '' then
      ids = ids or {}
      ids[#ids + 1] = ARGV[a]
    end
  end

  local m = ids and call('HMGET', key, 'top', 'nonce', 'line', 'at', 'alive', 'since', 'kept') or call('HMGET', key, 'top', 'nonce', 'line', 'at', 'alive')
  local created, old_top, at = not m[2], tonumber(m[1] or 0), m[4] or '0'
  local epoch = (m[2] or nonce) .. '-' .. line
  if not created and m[3] ~= line then
    meta(key, line)
  end
  if expected ~= '' then
    expected = tonumber(expected)
    if expected ~= old_top or not (created or expected_epoch == epoch or holds(meta(key, line), expected_epoch, old_top)) then
      return appended_before(meta(key, line), log, expected_epoch, expected, events, count) or { 1, created and '' or epoch, old_top }
    end
  end

  local top, fresh, seqs, remembered = old_top + count, nil, nil, nil
  if ids then
    fresh, seqs, remembered = choose(created and {} or known_seqs(root, ids), old_top, events, count)
    top = old_top + #fresh
  end
  if top == old_top then
    return { 0, created and '' or epoch, top, unpack(seqs or {}) }
  end

  -- Entries never go back in time.
  local entries, times, bytes, latest = {}, {}, 0, tonumber(at)
  for i = 1, top - old_top do
    local a = fresh and fresh[i] or events + 3 * (i - 1)
    local time = tonumber(ARGV[a + 1])
    if time > latest then
      at, latest = ARGV[a + 1], time
    end
    times[i], entries[i] = at, ARGV[a + 2]
    bytes = bytes + #entries[i]
  end

  local top_text = string.format('%d', top)
  if created then
    call('HSET', key, 'top', top_text, 'nonce', nonce, 'line', line, 'forks', '', 'since', now_text, 'at', at)
    call('DEL', log, root .. ':i', root .. ':j', root .. ':s')
  else
    call('HSET', key, 'top', top_text, 'at', at)
  end
  for i = 1, #entries do
    call('XADD', log, string.format('%d-0', old_top + i), 't', times[i], 'd', entries[i])
  end
  if remembered and #remembered > 0 then
    remember(root, tonumber(m[6] or now), tonumber(m[7] or 0), remembered)
  end

  keep, age = tonumber(keep), tonumber(age)
  local every = math.min(64, math.max(1, math.floor(keep / 16)))
  if math.floor(top / every) ~= math.floor(old_top / every) then
    trim(root, keep, age)
  end
  if not m[5] or math.abs(now - tonumber(m[5])) > lifetime_step(age, ttl) then
    call('HSET', key, 'alive', now_text)
    local lifetime = string.format('%.0f', ttl + lifetime_step(age, ttl))
    call('PEXPIRE', key, lifetime)
    call('PEXPIRE', log, lifetime)
    call('PEXPIRE', root .. ':s', lifetime)
  end

  call('PUBLISH', root, frame(epoch, top_text, name, entries, bytes))
  if top - old_top < count then
    return { 0, epoch, top, unpack(seqs) }, true
  end
  return { 0, epoch, top }, true
end

local answers, listed, a = {}, {}, 5
for i = 2, #KEYS do
  local count = tonumber(ARGV[a + 5])
  local answer, appended = apart(append, KEYS[i], ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], a + 6, count)
  if appended then
    listed[#listed + 1] = ARGV[a]
  end
  answers[i - 1] = answer
  a = a + 6 + 3 * count
end
if #listed > 0 then
  call('SADD', KEYS[1], unpack(listed))
end
return answers
