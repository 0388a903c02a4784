-- Reads a page of one stream.
-- KEYS  meta, log
-- ARGV  clock or '', seq to read after, events, bytes, events to keep, age to keep (ms)
-- Gives epoch, top, lowest, forks, and per event its seq and entry.
local s = meta(KEYS[1])
if not s.nonce then
  return { '', 0, 1, '' }
end
local low, low_at = lowest(s, KEYS[2], tonumber(ARGV[5]), clock(ARGV[1]) - tonumber(ARGV[6]))
-- A server that may not write now says so again later.
remember_lowest(s, KEYS[1], low, low_at)
local page, limit, room = { s.epoch, s.top, low, s.forks }, tonumber(ARGV[3]), tonumber(ARGV[4])
local from, count = math.max(tonumber(ARGV[2]) + 1, low), 0
while count < limit and from <= s.top do
  local some = redis.call('XRANGE', KEYS[2], from .. '-0', '+', 'COUNT', math.min(64, limit - count))
  if #some == 0 then
    break
  end
  for _, e in ipairs(some) do
    room = room - #e[2][4]
    if room < 0 and count > 0 then
      return page
    end
    from = tonumber(string.match(e[1], '^%d+'))
    page[#page + 1] = from
    page[#page + 1] = e[2][4]
    count = count + 1
    from = from + 1
  end
end
return page
