-- A node's share of a number, and everybody's.
--
-- KEYS  1 the shares, by node
-- ARGV  1 this node  2 its share  3 ms for which the shares are kept without another call
-- gives node and share in turn

if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end

redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('HGETALL', KEYS[1])
