-- Takes a stream that is gone off the list of unsettled streams.
-- KEYS  meta, unsettled streams
-- ARGV  stream's name
-- Gives 1 when the stream is there.
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[1])
  return { 0 }
end
return { 1 }
