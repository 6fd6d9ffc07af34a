// TimerWheel.swift: when what is due. Scheduling and cancelling cost the same however many timers there are.
//
// Seven wheels of 64 slots, one millisecond to the finest slot. A timer lies in the wheel of the highest six bits in
// which its tick differs from now; when now enters a coarse slot, its timers move to finer ones, in their order.
// So timers of one millisecond fire in the order of scheduling, and a wheel's occupied slots are one 64-bit word.
// A timer never fires early: its tick is rounded up.
// Law: no clock here; the loop says what time it is.
// Neighbours: EventLoop.swift.

/// A scheduled timer. Goes stale when it fires or is cancelled; cancelling a stale one does nothing.
package struct TimerToken: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    /// Names no timer.
    package static let none = TimerToken(index: .max, generation: 0)
}

struct TimerWheel {
    private static let wheelCount = 7
    private static let nanosecondsPerTick: UInt64 = 1_000_000
    /// 2^41 ms, about 70 years: whatever is later is as good as never.
    private static let horizonTicks: UInt64 = 1 << 41

    private struct Node {
        var generation: UInt32 = 1
        var previous: Int32 = -1
        var next: Int32 = -1
        var list: Int32 = -1  // wheel * 64 + slot; -1: not scheduled
        var tick: UInt64 = 0
        var body: (() -> Void)?
    }
    private struct List {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private let startNanoseconds: UInt64
    /// Every tick up to this one has been fired.
    private var elapsedTicks: UInt64 = 0
    private var nodes: [Node] = []
    private var freeNodes: [Int32] = []
    private var lists = [List](repeating: List(), count: 7 * 64)
    private var occupied = [UInt64](repeating: 0, count: 7)
    private(set) var count = 0

    init(startNanoseconds: UInt64) { self.startNanoseconds = startNanoseconds }

    mutating func schedule(atNanoseconds deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
        let index: Int32
        if let free = freeNodes.popLast() {
            index = free
        } else {
            index = Int32(nodes.count)
            nodes.append(Node())
        }
        let sinceStart = deadline > startNanoseconds ? deadline - startNanoseconds : 0
        let (whole, part) = sinceStart.quotientAndRemainder(dividingBy: Self.nanosecondsPerTick)
        let tick = whole + (part > 0 ? 1 : 0)
        nodes[Int(index)].tick = min(max(tick, elapsedTicks + 1), elapsedTicks + Self.horizonTicks)
        nodes[Int(index)].body = body
        insert(index)
        count += 1
        return TimerToken(index: UInt32(index), generation: nodes[Int(index)].generation)
    }

    /// Whether the timer was still to come.
    @discardableResult
    mutating func cancel(_ token: TimerToken) -> Bool {
        let index = Int(token.index)
        guard index < nodes.count, nodes[index].generation == token.generation, nodes[index].list >= 0
        else { return false }
        unlink(Int32(index))
        release(Int32(index))
        return true
    }

    /// The next instant at which there is something to do (to fire, or to move to a finer wheel); nil without timers.
    func nextWakeNanoseconds() -> UInt64? {
        for wheel in 0..<Self.wheelCount where occupied[wheel] != 0 {
            let shift = UInt64(6 * wheel)
            let position = (elapsedTicks >> shift) & 63
            // Nothing lies behind the position: a tick that differs from now only here is greater, so ahead.
            let slot = UInt64((occupied[wheel] & (~0 << position)).trailingZeroBitCount)
            let tick = (elapsedTicks >> (shift + 6)) << (shift + 6) | slot << shift
            return startNanoseconds + max(tick, elapsedTicks) * Self.nanosecondsPerTick
        }
        return nil
    }

    /// Takes the next timer that is due at `now` and returns its body; nil when no more are due.
    mutating func popDue(nowNanoseconds now: UInt64) -> (() -> Void)? {
        guard now >= startNanoseconds else { return nil }
        let nowTicks = (now - startNanoseconds) / Self.nanosecondsPerTick
        while true {
            let slot = Int(elapsedTicks & 63)
            let first = lists[slot].first
            if first >= 0 {
                unlink(first)
                let body = nodes[Int(first)].body
                release(first)
                return body
            }
            guard elapsedTicks < nowTicks else { return nil }
            advance(towards: nowTicks)
        }
    }

    /// Moves on to the next tick that holds something, at most to `limit`, and refines the coarse slots entered.
    private mutating func advance(towards limit: UInt64) {
        var target = limit
        if let wake = nextWakeNanoseconds() {
            let tick = (wake - startNanoseconds) / Self.nanosecondsPerTick
            target = min(limit, max(tick, elapsedTicks + 1))
        }
        elapsedTicks = target
        for wheel in stride(from: Self.wheelCount - 1, to: 0, by: -1) {
            let slot = Int((elapsedTicks >> UInt64(6 * wheel)) & 63)
            if occupied[wheel] & (1 << UInt64(slot)) != 0 { refine(list: wheel * 64 + slot) }
        }
    }

    private mutating func refine(list: Int) {
        var index = lists[list].first
        lists[list] = List()
        occupied[list / 64] &= ~(1 << UInt64(list % 64))
        while index >= 0 {
            let next = nodes[Int(index)].next
            insert(index)
            index = next
        }
    }

    private mutating func insert(_ index: Int32) {
        let tick = nodes[Int(index)].tick
        let differing = (tick ^ elapsedTicks) | 1
        let wheel = min((63 - differing.leadingZeroBitCount) / 6, Self.wheelCount - 1)
        let slot = Int((tick >> UInt64(6 * wheel)) & 63)
        let list = wheel * 64 + slot
        let last = lists[list].last
        nodes[Int(index)].list = Int32(list)
        nodes[Int(index)].previous = last
        nodes[Int(index)].next = -1
        if last >= 0 { nodes[Int(last)].next = index } else { lists[list].first = index }
        lists[list].last = index
        occupied[wheel] |= 1 << UInt64(slot)
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        let list = Int(node.list)
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { lists[list].first = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous } else { lists[list].last = node.previous }
        if lists[list].first < 0 { occupied[list / 64] &= ~(1 << UInt64(list % 64)) }
        nodes[Int(index)].list = -1
    }

    private mutating func release(_ index: Int32) {
        nodes[Int(index)].body = nil
        nodes[Int(index)].generation &+= 1
        freeNodes.append(index)
        count -= 1
    }
}
