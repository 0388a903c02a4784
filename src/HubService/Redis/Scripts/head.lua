-- KEYS  meta
-- Gives epoch, top.
local s = meta(KEYS[1])
return { s.epoch or '', s.top }
