// ToTime.swift: the builtin `to_time`.

extension Builtin {
    static let toTime = Builtin(
        "to_time", on: [.string, .int], gives: [.time, .null],
        summary: "Reads an RFC 3339 time, or seconds since 1970; null when the text is none.",
        examples: [
            Example(.string("1970-01-01T01:00:00.5+01:00"), gives: .time(500_000_000)),
            Example(.int(60), gives: .time(60_000_000_000)), Example(.string("yesterday"), gives: .null),
        ],
        body: { (call) throws(Fault) in
            if call.receiver.isInt {
                let (time, overflow) = call.receiver.int64.multipliedReportingOverflow(by: nanosecondsPerSecond)
                return overflow ? .null : .time(nanoseconds: time)
            }
            let text = try call.string(0, "to_time")
            guard text.length <= 64 else { return .null }
            let bytes = unsafe Array(text.text.buffer(text.length))
            return timeNanoseconds(fromRFC3339: bytes).map { .time(nanoseconds: $0) } ?? .null
        })
}
