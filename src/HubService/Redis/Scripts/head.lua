-- KEYS  the metas of streams
-- Gives for each stream: 0, epoch, top; or 2, error.
local line, answers = lineage(), {}

local function head(key)
  local m = redis.call('HMGET', key, 'top', 'nonce', 'line')
  if m[2] and m[3] ~= line then
    meta(key, line)
  end
  return { 0, m[2] and m[2] .. '-' .. line or '', tonumber(m[1] or 0) }
end

for i, key in ipairs(KEYS) do
  answers[i] = apart(head, key)
end
return answers
