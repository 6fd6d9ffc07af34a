// RateWindow.swift: never more than so many beginnings in any one second. Pure: the clock is a parameter.
//
// It keeps the moments of the last second, so bursts pass as long as the second has room, and no second that one may
// lay over time has more. Neighbours: WaitingRoom.swift.

struct RateWindow {
    private static let secondNanoseconds: UInt64 = 1_000_000_000
    private var moments: [UInt64] = []
    private var head = 0

    /// When the next one may begin: `now` when there is room.
    mutating func next(limit: Int, now: UInt64) -> UInt64 {
        while head < moments.count, moments[head] + Self.secondNanoseconds <= now { head += 1 }
        // Amortised: each moment is moved at most once.
        if head * 2 > moments.count {
            moments.removeFirst(head)
            head = 0
        }
        let excess = moments.count - head - limit
        guard excess >= 0 else { return now }
        return moments[head + excess] + Self.secondNanoseconds
    }

    mutating func note(_ now: UInt64) { moments.append(now) }
}
