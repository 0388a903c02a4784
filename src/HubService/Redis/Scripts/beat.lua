-- One beat of a node: it says that it lives and what it shares, takes out who has been silent for too long, and learns who lives.
-- By the clock of Redis alone, so that the clocks of the nodes do not matter. A node whose channel nobody listens to cannot be
-- reached, whatever it says, and its beat does not count.
--
-- KEYS  nodes, this node's facts
-- ARGV  this node, 'works', 'left' or 'gone', the version of its facts, ms of silence after which a node is gone, '1' to take the
--       silent ones out, this node's channel, the channel of changes or '' when there is nothing to announce, '1' if what follows,
--       topic and fact in turn, replaces its facts
-- Gives now, the listeners of the node's own channel, whether its facts are kept, then node, last beat, state and version for each that lives

local now = clock('')
local silence = tonumber(ARGV[4])
local listeners = redis.call('PUBSUB', 'NUMSUB', ARGV[6])[2]

if ARGV[2] == 'gone' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('DEL', KEYS[2])
else
  if listeners > 0 then
    redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s %s', now, ARGV[2], ARGV[3]))
  end
  if ARGV[8] == '1' then
    redis.call('DEL', KEYS[2])
    for i = 9, #ARGV, 2 do
      redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    end
  end
end

local kept = redis.call('PEXPIRE', KEYS[2], silence * 2)
local answer = { string.format('%.0f', now), tostring(listeners), tostring(kept) }
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local beat, state, version = string.match(entries[i + 1], '^(%d+) (%a+) (%d+)$')
  if beat and now - tonumber(beat) <= silence then
    answer[#answer + 1] = entries[i]
    answer[#answer + 1] = beat
    answer[#answer + 1] = state
    answer[#answer + 1] = version
  elseif ARGV[5] == '1' then
    redis.call('HDEL', KEYS[1], entries[i])
  end
end

if ARGV[7] ~= '' then
  redis.call('PUBLISH', ARGV[7], ARGV[1])
end

return answer
