-- A node's share of a number, and everybody's.
--
-- KEYS  shares, by node
-- ARGV  this node, its share, ms for which the shares are kept without another call
-- Gives node and share in turn.

if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end

redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HGETALL', KEYS[1])
