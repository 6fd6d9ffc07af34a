-- One gadget.v1 event, as a sidecar delivers it. wrk repeats it; the id stays the same, the state store takes the last.
wrk.method = "POST"
wrk.headers["content-type"] = "application/cloudevents+json"
wrk.body = '{"id":"1111","type":"gadget.v1","source":"golang-dapr","specversion":"1.0",'
  .. '"datacontenttype":"application/json","topic":"inventory","pubsubname":"pubsub","time":"2026-11-21T10:15:30Z",'
  .. '"traceid":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",'
  .. '"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",'
  .. '"data":{"id":"gadget","description":"Hello, Gadget!","price":75.00,"gadgetField":"gadgets only"}}'

local expected = '{"status":"SUCCESS"}'
local others = 0
function response(status, headers, body)
  if status ~= 200 or body ~= expected then others = others + 1 end
end
function done(summary, latency, requests)
  io.write(string.format('{"requests":%d,"seconds":%.3f,"errors":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration / 1e6,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
