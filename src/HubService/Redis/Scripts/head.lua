-- KEYS  the metas of streams
-- Gives for each epoch and top.
local line, answer = lineage(), {}
for _, key in ipairs(KEYS) do
  local m = redis.call('HMGET', key, 'top', 'nonce', 'line')
  if m[2] and m[3] ~= line then
    meta(key, line)
  end
  answer[#answer + 1] = m[2] and m[2] .. '-' .. line or ''
  answer[#answer + 1] = tonumber(m[1] or 0)
end
return answer
