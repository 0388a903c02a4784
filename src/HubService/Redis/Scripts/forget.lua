-- Takes streams that are gone off the list of unsettled streams.
-- KEYS  unsettled streams, then the metas of streams
-- ARGV  the streams' names
-- Gives 1 for each stream that is there, else 0.
local there = {}
for i, name in ipairs(ARGV) do
  there[i] = redis.call('EXISTS', KEYS[i + 1])
  if there[i] == 0 then
    redis.call('SREM', KEYS[1], name)
  end
end
return there
