-- The twin of machine.bay: the same work in Lua, with cjson. Prints the same JSON line as `patchbay bench`.
-- usage: lua5.4 machine.lua WORKLOAD EVENTS COUNT ROUNDS ARGUMENT
local cjson = require "cjson"
local workload, events, count, rounds, argument =
  arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])
local floor, clock = math.floor, os.clock

local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end

local function calls(n)
  local low, high = 0, 1
  for _ = 1, n do low, high = high, low + high end
  return 2 * high - 1
end

local function fits(event)
  return event.type == "widget.v1" and event.data.qty > 10 and event.source:sub(1, 3) == "/eu"
end

-- cjson of Lua 5.4 reads 12 as 12.0: `floor` makes it an integer again.
local function order(event)
  local data = event.data
  return {
    id = event.id, kind = "order", total = data.qty * data.price,
    message = "Order " .. data.sku .. " x" .. floor(data.qty) .. " from " .. event.source, region = data.region,
  }
end

local function suspend(n)
  local last
  for i = 0, n - 1 do last = coroutine.yield(i) end
  return last
end

local text
if events ~= "-" then
  local file = assert(io.open(events))
  text = file:read("*l")
  file:close()
end

-- Each gives its result and how many units it was.
local run = {}
function run.event()
  local result
  for _ = 1, count do
    local event = cjson.decode(text)
    if fits(event) then result = cjson.encode(order(event)) end
  end
  return result, count
end
function run.condition()
  local event, number = cjson.decode(text), 0
  for _ = 1, count do if fits(event) then number = number + 1 end end
  return number == count and "true" or "false", count
end
function run.fib()
  local result
  for _ = 1, count do result = fib(argument) end
  return string.format("%d", result), count * calls(argument)
end
function run.sum()
  local sum
  for _ = 1, count do
    sum = 0
    for i = 0, argument - 1 do sum = sum + i % 7 end
  end
  return string.format("%d", sum), count * argument
end
function run.suspend()
  local resumed
  for _ = 1, count do
    resumed = 0
    local thread = coroutine.create(suspend)
    coroutine.resume(thread, argument)
    while coroutine.status(thread) ~= "dead" do
      resumed = resumed + 1
      coroutine.resume(thread, resumed)
    end
  end
  return string.format("%d", resumed), count * argument
end
local threads
run["suspend-many"] = function()
  if not threads then
    threads = {}
    for i = 1, argument do
      threads[i] = coroutine.create(suspend)
      coroutine.resume(threads[i], count * rounds + 1)
    end
  end
  local resumed = 0
  for _ = 1, count do
    for i = 1, #threads do
      coroutine.resume(threads[i], resumed)
      resumed = resumed + 1
    end
  end
  return string.format("%d", resumed), count * argument
end

local times, result = {}, nil
for round = 1, rounds do
  local began, units = clock(), nil
  result, units = run[workload]()
  times[round] = (clock() - began) * 1e9 / units
end
table.sort(times)
print(string.format('{"bench":"%s","rounds":%d,"ns_min":%.2f,"ns_median":%.2f,"ns_max":%.2f,"result":%s}',
  workload, rounds, times[1], times[floor(rounds / 2) + 1], times[rounds], result))
