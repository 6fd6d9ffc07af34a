// GoText.swift: how Dapr, a Go program, reads durations and booleans from text.
//
// Source: Go's time.ParseDuration; dapr `parseDuration` (bare integers are milliseconds); kit `IsTruthy`.

enum GoText {
    /// `1h15m30.5s`, `300ms`, `-1.5h`, `0`. Nil for anything else.
    static func duration(_ text: String) -> Duration? {
        var rest = text[...]
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest.removeFirst()
        }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var nanoseconds = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard number.contains(where: { $0 != "." }), let amount = Double(padded(number)),
                let scale = nanosecondsPerUnit[String(unit)]
            else { return nil }
            nanoseconds += amount * scale
        }
        guard nanoseconds < 9.2e18 else { return nil }
        return .nanoseconds(Int64(sign * nanoseconds))
    }

    /// As `duration`; a bare integer counts milliseconds.
    static func duration(orMilliseconds text: String) -> Duration? {
        // Beyond this a count of nanoseconds does not fit.
        if let count = Int64(text) { return abs(count) < 9_000_000_000_000 ? .milliseconds(count) : nil }
        return duration(text)
    }

    /// y yes true t on 1, in any case.
    static func isTruthy(_ text: String) -> Bool {
        ["y", "yes", "true", "t", "on", "1"].contains(text.lowercased())
    }

    private static let nanosecondsPerUnit: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// Go takes `.5` and `5.`; Swift's `Double` takes neither.
    private static func padded(_ number: Substring) -> String {
        (number.hasPrefix(".") ? "0" : "") + number + (number.hasSuffix(".") ? "0" : "")
    }
}
