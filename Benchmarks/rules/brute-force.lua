-- The peer of `patchbay bench match`: decodes each event with cjson and tries every rule. Prints the same JSON line.
-- usage: lua5.4 brute-force.lua FOLDER ROUNDS
local cjson = require "cjson"
local folder, rounds = arg[1], tonumber(arg[2])
local load = loadstring or load
R = {}
-- In chunks of 1,000 rules: a chunk's constants are limited.
local chunk, lines = {}, 0
for line in io.lines(folder .. "/rules.lua") do
  chunk[#chunk + 1] = line
  if #chunk == 1000 then assert(load(table.concat(chunk, "\n")))() chunk = {} end
end
assert(load(table.concat(chunk, "\n")))()
local events = {}
for line in io.lines(folder .. "/events.jsonl") do events[#events + 1] = line end

local times, matches, digest = {}, 0, 0
for round = 1, rounds do
  local began = os.clock()
  matches, digest = 0, 0
  for number = 1, #events do
    local e = cjson.decode(events[number])
    local d = e.data
    for rule = 1, #R do
      if R[rule](e, d) then
        matches = matches + 1
        digest = digest + number * rule
      end
    end
  end
  times[round] = (os.clock() - began) * 1e9 / #events
end
table.sort(times)
print(string.format('{"bench":"match","rounds":%d,"ns_min":%.2f,"ns_median":%.2f,"ns_max":%.2f,"result":{"matches":%d,"digest":%d}}',
  rounds, times[1], times[math.floor(rounds / 2) + 1], times[rounds], matches, digest))
