"""The Lua scripts: each is one atomic step.

What belongs to a user is in one slot: the hash ``{user:<id>}`` with the fields ``user``,
``email:<address>``, ``account:<provider>:<id>`` and ``passkey:<id>``, and the sorted set
``{user:<id>}:sessions`` of tokens by their expiry. That is the truth. Keys such as
``email:<address>`` are pointers to a user: ``<microseconds> <user id>``. One that the user's hash
does not confirm is void, and free once it is older than `GRACE`.

A script that starts with ``fused`` gets ``1`` from a single server: it then keeps the pointers
itself. In a cluster they lie in other slots, so they are claimed before and released after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import Final

__all__ = [
    "CLAIM",
    "DROP",
    "EXTEND",
    "FIND",
    "FORGET",
    "GRANT",
    "MOVE",
    "PUT",
    "RELEASE",
    "REVOKE",
    "REVOKE_ALL",
    "SESSION",
    "SESSIONS",
    "SWAP",
    "TOKEN_ADD",
    "TOKEN_USE",
    "Script",
]

GRACE: Final = 120
"""Seconds after which a claim that led to nothing may be taken over."""
DEADLINE: Final = 30
"""Seconds that a claim holds. The clocks of a cluster may differ by what is left to `GRACE`."""

_PRELUDE: Final = f"""
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local function stamped(us, owner) return string.format('%.0f ', us) .. owner end
local function holder(held) return string.match(held, '^%d+ (.*)$') end
local function since(held) return tonumber(string.match(held, '^%d+')) end
local function age(held) return clock() - since(held) end
local function void(held) return age(held) > {GRACE}e6 end
local function late(held) return age(held) > {DEADLINE}e6 end
local function hash_of(prefix, owner) return prefix .. '{{user:' .. owner .. '}}' end

-- Point a unique name at its owner. Returns what the pointer says, or false if it is another's.
local function take(prefix, name, owner)
  local held = redis.call('GET', prefix .. name)
  if held and holder(held) ~= owner then
    local owned = redis.call('HEXISTS', hash_of(prefix, holder(held)), name)
    if owned == 1 or not void(held) then return false end
  end
  local stamp = stamped(clock(), owner)
  redis.call('SET', prefix .. name, stamp)
  return stamp
end

local function let_go(key, owner)
  local held = redis.call('GET', key)
  if held and holder(held) == owner then redis.call('DEL', key) end
end

-- Drop what has expired, and let the set go with its last session.
local function tidy(sessions)
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', string.format('%.0f', clock() / 1000))
  local last = redis.call('ZREVRANGE', sessions, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', sessions, last[2]) end
end

local function live(score) return score and tonumber(score) > clock() / 1000 end
"""


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, and the digest under which a server knows it."""

    body: str
    digest: str


def _script(body: str) -> Script:
    text = _PRELUDE + body
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


# --- pointers of a cluster ------------------------------------------------------------------------

CLAIM: Final = _script("""
-- KEYS: pointer. ARGV: owner, what a void pointer says.
local held, now, state = redis.call('GET', KEYS[1]), clock(), 'new'
if held and holder(held) == ARGV[1] then
  now, state = math.max(now, since(held) + 1), 'mine'
elseif held and not (held == ARGV[2] and void(held)) then
  return {'held', held}
end
local stamp = stamped(now, ARGV[1])
redis.call('SET', KEYS[1], stamp)
return {state, stamp}
""")
RELEASE: Final = _script("""
-- KEYS: pointer. ARGV: owner, what the pointer must say, if not anything of this owner.
if ARGV[2] == '' or redis.call('GET', KEYS[1]) == ARGV[2] then let_go(KEYS[1], ARGV[1]) end
return 1
""")

# --- a user's hash --------------------------------------------------------------------------------

FIND: Final = _script("""
-- KEYS: pointer. ARGV: prefix, name. Returns pointer, user and the value under that name.
local held = redis.call('GET', KEYS[1])
if not held then return false end
local found = redis.call('HMGET', hash_of(ARGV[1], holder(held)), 'user', ARGV[2])
if not (found[1] and found[2]) then return false end
return {held, found[1], found[2]}
""")
PUT: Final = _script("""
-- KEYS: hash. ARGV: fused, prefix, whether there must be a user, owner, name, claim, fields.
local fused, prefix, rule, owner, name, stamp = unpack(ARGV, 1, 6)
local there = redis.call('HEXISTS', KEYS[1], 'user') == 1
if there ~= (rule == 'present') then return 'user' end
if name ~= '' then
  if redis.call('HEXISTS', KEYS[1], name) == 1 then return 'name' end
  if fused == '1' then stamp = take(prefix, name, owner) end
  if not stamp then return 'name' end
  if late(stamp) then return 'late' end
  redis.call('HSET', KEYS[1], name, stamp)
end
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 'ok'
""")
SWAP: Final = _script("""
-- KEYS: hash. ARGV: fused, prefix, owner, field, old, new, name to take, its claim, name to free.
local fused, prefix, owner, field, old, new, name, stamp, free = unpack(ARGV)
if redis.call('HGET', KEYS[1], field) ~= old then return {'changed', ''} end
if name ~= '' then
  if fused == '1' then stamp = take(prefix, name, owner) end
  if not stamp then return {'name', ''} end
  if late(stamp) then return {'late', ''} end
  redis.call('HSET', KEYS[1], name, stamp)
end
redis.call('HSET', KEYS[1], field, new)
if free == '' then return {'ok', ''} end
local freed = redis.call('HGET', KEYS[1], free) or ''
redis.call('HDEL', KEYS[1], free)
if fused == '1' then let_go(prefix .. free, owner) end
return {'ok', freed}
""")
DROP: Final = _script("""
-- KEYS: hash. ARGV: fused, prefix, owner, name. Returns what was under that name.
local fused, prefix, owner, name = unpack(ARGV)
local value = redis.call('HGET', KEYS[1], name)
redis.call('HDEL', KEYS[1], name)
if fused == '1' then let_go(prefix .. name, owner) end
return value
""")
FORGET: Final = _script("""
-- KEYS: hash, sessions, names to free. ARGV: fused, prefix, owner. Returns the names to free, which
-- stay on record in a cluster until that is done.
local fused, prefix, owner = unpack(ARGV)
local names = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if name ~= 'user' then names[#names + 1] = name end
end
for _, token in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  names[#names + 1] = 'session:' .. token
end
redis.call('DEL', KEYS[1], KEYS[2])
if fused == '1' then
  for _, name in ipairs(names) do let_go(prefix .. name, owner) end
  return {}
end
for _, name in ipairs(names) do redis.call('SADD', KEYS[3], name) end
return redis.call('SMEMBERS', KEYS[3])
""")

# --- sessions -------------------------------------------------------------------------------------

SESSION: Final = _script("""
-- KEYS: pointer, or hash and sessions. ARGV: token, prefix. Returns pointer, expiry and user.
local held, hash, sessions = '', KEYS[1], KEYS[2]
if not sessions then
  held = redis.call('GET', KEYS[1])
  if not held then return false end
  hash = hash_of(ARGV[2], holder(held))
  sessions = hash .. ':sessions'
end
local score, user = redis.call('ZSCORE', sessions, ARGV[1]), redis.call('HGET', hash, 'user')
if not (live(score) and user) then return false end
return {held, score, user}
""")
SESSIONS: Final = _script("""
-- KEYS: sessions. Returns the tokens that have not expired, each followed by its expiry.
local now = string.format('(%.0f', clock() / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf', 'WITHSCORES')
""")
GRANT: Final = _script("""
-- KEYS: hash, sessions and, fused, pointer. ARGV: owner, token, expiry.
if redis.call('HEXISTS', KEYS[1], 'user') == 0 then return 'user' end
if redis.call('ZSCORE', KEYS[2], ARGV[2]) then return 'name' end
if KEYS[3] then
  if redis.call('EXISTS', KEYS[3]) == 1 then return 'name' end
  redis.call('SET', KEYS[3], stamped(clock(), ARGV[1]))
  redis.call('PEXPIREAT', KEYS[3], ARGV[3])
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
tidy(KEYS[2])
return 'ok'
""")
EXTEND: Final = _script("""
-- KEYS: pointer. ARGV: expiry. Never shortens: the truth may. Returns what the pointer says.
local held = redis.call('GET', KEYS[1])
if held and clock() / 1000 + redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return held
""")
MOVE: Final = _script("""
-- KEYS: sessions. ARGV: token, expiry.
if not live(redis.call('ZSCORE', KEYS[1], ARGV[1])) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
tidy(KEYS[1])
return 1
""")
REVOKE: Final = _script("""
-- KEYS: sessions and, fused, pointer. ARGV: token. Returns the expiry of a session that was live.
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
if KEYS[2] then redis.call('DEL', KEYS[2]) end
return live(score) and score
""")
REVOKE_ALL: Final = _script("""
-- KEYS: sessions. ARGV: fused, prefix and, if any, the token to keep. Returns the tokens gone.
local gone = {}
tidy(KEYS[1])
for _, token in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if token ~= ARGV[3] then
    gone[#gone + 1] = token
    redis.call('ZREM', KEYS[1], token)
    if ARGV[1] == '1' then redis.call('DEL', ARGV[2] .. 'session:' .. token) end
  end
end
tidy(KEYS[1])
return gone
""")

# --- verification tokens --------------------------------------------------------------------------

TOKEN_ADD: Final = _script("""
-- KEYS: token. ARGV: identifier, expiry.
if live(redis.call('HGET', KEYS[1], ARGV[1])) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local last = tonumber(ARGV[2])
for _, expiry in ipairs(redis.call('HVALS', KEYS[1])) do last = math.max(last, tonumber(expiry)) end
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
return 1
""")
TOKEN_USE: Final = _script("""
-- KEYS: token. ARGV: identifier, if it matters. Returns identifier and expiry.
local used = false
if ARGV[1] then
  local expiry = redis.call('HGET', KEYS[1], ARGV[1])
  if live(expiry) then used = {ARGV[1], expiry} end
  redis.call('HDEL', KEYS[1], ARGV[1])
  return used
end
local rows = redis.call('HGETALL', KEYS[1])
for i = 1, #rows, 2 do
  if not used and live(rows[i + 1]) then used = {rows[i], rows[i + 1]} end
end
redis.call('DEL', KEYS[1])
return used
""")
