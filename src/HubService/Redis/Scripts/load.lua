-- KEYS  meta, snapshot
-- Gives seq, unfinished, state; nothing when there is none.
if redis.call('EXISTS', KEYS[1], KEYS[2]) < 2 then
  return {}
end
return redis.call('HMGET', KEYS[2], 'seq', 'unfinished', 'state')
