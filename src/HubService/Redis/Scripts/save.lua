-- Saves a snapshot, unless a newer one is there or the stream no longer holds what it was made of.
-- KEYS  meta, snapshot, unsettled streams, log
-- ARGV  epoch, seq, '1' if something in it needs an ending, state, stream's name, age to keep, time to live (ms)
-- Gives 0, or 1 when the seq is above the top.
local s, seq = meta(KEYS[1]), tonumber(ARGV[2])
if ARGV[1] == '' and seq > s.top then
  return { 1 }
end
if not s.nonce or not holds(s, ARGV[1], seq) or seq < tonumber(redis.call('HGET', KEYS[2], 'seq') or 0) then
  return { 0 }
end
redis.call('HSET', KEYS[2], 'seq', seq, 'unfinished', ARGV[3], 'state', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[7] + lifetime_step(tonumber(ARGV[6]), tonumber(ARGV[7])))
if seq == s.top then
  redis.call(ARGV[3] == '0' and 'SREM' or 'SADD', KEYS[3], ARGV[5])
  -- Every event is in the snapshot: what is left of the log may go by itself, unless an append says otherwise.
  redis.call('HDEL', KEYS[1], 'alive')
  redis.call('PEXPIRE', KEYS[4], math.min(tonumber(ARGV[6]), tonumber(ARGV[7])))
end
return { 0 }
