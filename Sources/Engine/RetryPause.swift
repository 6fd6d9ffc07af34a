// RetryPause.swift: how long to wait before a run is repeated. Pure: the random number is a parameter.

enum RetryPause {
    /// Doubles from `low` with each attempt up to `high`, then takes between half and all of it, so that many
    /// deliveries that failed together do not come back together.
    ///
    /// - Parameters:
    ///   - attempt: repetitions so far, from 0.
    ///   - random: in 0..<1.
    /// - Returns: nanoseconds.
    static func nanoseconds(attempt: Int, low: Int64, high: Int64, random: Double) -> UInt64 {
        let doubled = low.multipliedReportingOverflow(by: 1 << Int64(min(attempt, 30)))
        let full = doubled.overflow ? high : min(doubled.partialValue, high)
        return UInt64(Double(max(full, 0)) * (0.5 + random / 2))
    }
}
