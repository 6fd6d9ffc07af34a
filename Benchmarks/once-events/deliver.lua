-- Events that write one row, each with an id of its own; for `once-again` the ids of `once-transaction` once more.
local way = os.getenv("BENCH_WAY")
local prefix = way == "once-again" and "once-transaction" or way
local number = 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/cloudevents+json"
function request()
  number = number + 1
  return wrk.format(nil, nil, nil, '{"id":"' .. prefix .. "-" .. number
    .. '","type":"entry","source":"bench","specversion":"1.0","datacontenttype":"application/json","data":{"amount":'
    .. number .. '}}')
end

-- What the events were told stands in the engine's own counters.
function done(summary, latency, requests)
  io.write(string.format('{"events_per_second":%d,"errors":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests / (summary.duration / 1e6),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
