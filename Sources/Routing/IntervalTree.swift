// IntervalTree.swift: which intervals hold a number.
//
// Sorted by their lower ends, with the highest upper end of each half kept in the middle: an implicit tree in one array.
// Ends are rounded to the nearest double, and so is the number: rounding keeps order, so an interval that holds the
// number is never missed; the clause's own tests are exact. Neighbours: RuleSearch.swift.

struct Interval: BitwiseCopyable {
    let low: Double
    let high: Double
    /// The highest upper end of the stretch that this interval is the middle of.
    var highest: Double
    let clause: UInt32
}

/// A stretch of `IndexImage.intervals`.
struct IntervalTree: BitwiseCopyable {
    let first: UInt32
    let count: UInt32

    /// Sorts, and fills in `highest`.
    static func arranged(_ intervals: [Interval]) -> [Interval] {
        var sorted = intervals.sorted { ($0.low, $0.clause) < ($1.low, $1.clause) }
        _ = fill(&sorted, 0, sorted.count)
        return sorted
    }

    private static func fill(_ intervals: inout [Interval], _ start: Int, _ end: Int) -> Double {
        guard start < end else { return -.infinity }
        let middle = (start + end) / 2
        let left = fill(&intervals, start, middle)
        let right = fill(&intervals, middle + 1, end)
        intervals[middle].highest = max(intervals[middle].high, left, right)
        return intervals[middle].highest
    }
}

extension IndexImage {
    /// Calls `body` with the clause of each interval that holds the number.
    func forEachInterval(of tree: IntervalTree, holding number: Double, _ body: (UInt32) -> Void) {
        stab(Int(tree.first), Int(tree.first) + Int(tree.count), number, body)
    }

    private func stab(_ start: Int, _ end: Int, _ number: Double, _ body: (UInt32) -> Void) {
        guard start < end else { return }
        let middle = (start + end) / 2
        let interval = intervals[middle]
        if interval.highest < number { return }
        stab(start, middle, number, body)
        if interval.low > number { return }
        if interval.high >= number { body(interval.clause) }
        stab(middle + 1, end, number, body)
    }
}
