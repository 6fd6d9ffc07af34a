// RetryPolicy.swift: when a failed delivery is tried again, and when it is given up.
//
// Pure: the caller supplies randomness and keeps the clock. Source: contract 6.5; dapr kit `retry.Config` and the
// back-off library that it builds on, defaults included. One of them surprises: an exponential policy ends after
// 15 minutes, even with `maxRetries: -1`.

/// What holds for the deliveries of one pub/sub component.
struct InboundPolicy: Sendable, Equatable {
    /// Of one call; nil means the sidecar's own limit.
    let timeout: Duration?
    /// Nil: one call, no more.
    let retry: RetryPolicy?

    static let none = InboundPolicy(timeout: nil, retry: nil)
}

/// One named retry policy.
struct RetryPolicy: Sendable, Equatable {
    enum Pace: Sendable, Equatable {
        case constant(Duration)
        /// 0.5 s, half as much more each time up to `maxInterval`, each drawn from ± 50 %.
        case exponential(maxInterval: Duration)
    }

    let pace: Pace
    /// Calls after the first; nil is without end.
    let retriesMax: Int?
    /// App statuses that are worth another call; nil is all. A RETRY in the body has no status and is always.
    let statuses: [ClosedRange<Int>]?

    static let initialInterval: Duration = .milliseconds(500)
    static let multiplier = 1.5
    static let jitter = 0.5
    static let exponentialElapsedMax: Duration = .seconds(15 * 60)

    /// The pause before the next call, or nil to give up.
    /// - Parameters:
    ///   - failures: calls that failed so far, from 1
    ///   - elapsed: since the first call began
    ///   - status: the app's HTTP status when it was what failed
    ///   - random: uniform in 0..<1
    func pause(afterFailures failures: Int, elapsed: Duration, status: Int?, random: Double) -> Duration? {
        if let retriesMax, failures > retriesMax { return nil }
        if let statuses, let status, !statuses.contains(where: { $0.contains(status) }) { return nil }
        switch pace {
        case .constant(let interval):
            return interval
        case .exponential(let maxInterval):
            let interval = Self.interval(step: failures - 1, maxInterval: maxInterval)
            let pause = interval * (1 - Self.jitter + 2 * Self.jitter * random)
            return elapsed + pause > Self.exponentialElapsedMax ? nil : pause
        }
    }

    private static func interval(step: Int, maxInterval: Duration) -> Duration {
        var interval = initialInterval
        for _ in 0..<step {
            if interval * multiplier >= maxInterval { return maxInterval }
            interval = interval * multiplier
        }
        return min(interval, maxInterval)
    }
}

extension RetryPolicy {
    init?(_ fields: ResourceFields, _ notes: inout ResourceNotes) {
        fields.warnUnknown(allowed: ["policy", "duration", "maxInterval", "maxRetries", "matching"], &notes)
        let duration = fields.duration("duration", &notes) ?? .seconds(5)
        let maxInterval = fields.duration("maxInterval", &notes) ?? .seconds(60)
        let retries = fields.integer("maxRetries", &notes) ?? -1
        switch (fields.text("policy", &notes) ?? "constant").lowercased() {
        case "constant": pace = .constant(duration)
        case "exponential": pace = .exponential(maxInterval: maxInterval)
        case let other:
            notes.problems.append(
                fields.problem(
                    "`\(fields.path).policy` is `\(other)`", instead: "write `constant` or `exponential`",
                    line: fields.node["policy"]?.line))
            return nil
        }
        retriesMax = retries < 0 ? nil : retries
        statuses = Self.readStatuses(fields, &notes)
    }

    /// `429,500-599`
    private static func readStatuses(_ fields: ResourceFields, _ notes: inout ResourceNotes) -> [ClosedRange<
        Int
    >]? {
        guard let matching = fields.fields("matching", &notes),
            let text = matching.text("httpStatusCodes", &notes), !text.isEmpty
        else { return nil }
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { bound in
                Int(bound.filter { !$0.isWhitespace }) ?? -1
            }
            guard (1...2).contains(bounds.count), let low = bounds.first, let high = bounds.last,
                100...599 ~= low, low...599 ~= max(low, high), high >= low
            else {
                notes.problems.append(
                    matching.problem(
                        "`\(matching.path).httpStatusCodes` has `\(part)`",
                        instead: "write statuses and ranges from 100 to 599: `429,500-599`",
                        line: matching.node["httpStatusCodes"]?.line))
                return nil
            }
            ranges.append(low...high)
        }
        return ranges
    }
}
