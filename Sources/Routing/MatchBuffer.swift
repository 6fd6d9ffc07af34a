// MatchBuffer.swift: what one loop's searches write, kept from event to event.
//
// Neighbours: RuleSearch.swift (writes it), Engine (owns one a loop).

/// What every search reads and writes; behind a pointer, because each access of a class's own property would be
/// checked for overlap.
@unsafe struct MatchState {
    /// As `CompiledClause.outcome`; when the search has ended, positions of rules.
    var found: UnsafeMutablePointer<UInt32>
    var capacity: Int
    var count = 0
    /// By position in `IndexImage.lists`: the search that looked at it last. Only for lists that several items of one
    /// event may lead to.
    var stamps: UnsafeMutablePointer<UInt32>?
    var stampCount = 0
    var epoch: UInt32 = 0
}

/// Reusable memory of searches, for one thread. Grows with what is found and with the index, and stays.
///
/// SAFETY: `state` and what it points to belong to this object alone.
@safe package final class MatchBuffer {
    let state: UnsafeMutablePointer<MatchState>

    package init() {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: MatchState(found: .allocate(capacity: 64), capacity: 64))
    }

    deinit {
        unsafe state.pointee.found.deallocate()
        unsafe state.pointee.stamps?.deallocate()
        unsafe state.deallocate()
    }

    /// How many rules the last search found.
    package var count: Int { unsafe state.pointee.count }
    /// Positions in `RuleIndex.rules`, in source order.
    package subscript(position: Int) -> Int { unsafe Int(state.pointee.found[position]) }
}

extension UnsafeMutablePointer<MatchState> {
    @inline(__always) func append(_ entry: UInt32) {
        if unsafe pointee.count == pointee.capacity { unsafe grow() }
        unsafe pointee.found[pointee.count] = entry
        unsafe pointee.count &+= 1
    }

    @inline(never) private func grow() {
        let larger = unsafe UnsafeMutablePointer<UInt32>.allocate(capacity: pointee.capacity * 2)
        unsafe larger.update(from: pointee.found, count: pointee.count)
        unsafe pointee.found.deallocate()
        unsafe pointee.found = unsafe larger
        unsafe pointee.capacity *= 2
    }

    /// Begins a search over an index with so many lists that need stamps.
    @inline(__always) func begin(stampCount: Int) {
        unsafe pointee.count = 0
        if stampCount > 0 { unsafe beginStamps(stampCount) }
    }

    private func beginStamps(_ count: Int) {
        unsafe pointee.epoch &+= 1
        // A new index, or 2^32 events later: no old stamp may pass for a new one.
        guard unsafe pointee.stampCount < count || pointee.epoch == 0 else { return }
        unsafe pointee.stamps?.deallocate()
        let stamps = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
        unsafe stamps.initialize(repeating: 0, count: count)
        unsafe pointee.stamps = unsafe stamps
        unsafe pointee.stampCount = count
        unsafe pointee.epoch = 1
    }

    /// Whether this search has not looked at that list yet; it has now.
    @inline(__always) func stamp(_ list: Int) -> Bool {
        let stamps = unsafe pointee.stamps.unsafelyUnwrapped
        if unsafe stamps[list] == pointee.epoch { return false }
        unsafe stamps[list] = unsafe pointee.epoch
        return true
    }

    /// Ascending, in place: by insertion while few, by heap when many.
    func sort() {
        let count = unsafe pointee.count
        let found = unsafe pointee.found
        if count > 24 { return unsafe heapSort(found, count) }
        var end = 1
        while end < count {
            let entry = unsafe found[end]
            var place = end
            while place > 0, unsafe found[place - 1] > entry {
                unsafe found[place] = unsafe found[place - 1]
                place -= 1
            }
            unsafe found[place] = entry
            end += 1
        }
    }

    private func heapSort(_ found: UnsafeMutablePointer<UInt32>, _ count: Int) {
        var start = count / 2
        var end = count
        while end > 1 {
            if start > 0 {
                start -= 1
            } else {
                end -= 1
                unsafe (found[0], found[end]) = unsafe (found[end], found[0])
            }
            var root = start
            while true {
                var child = root * 2 + 1
                guard child < end else { break }
                if child + 1 < end, unsafe found[child + 1] > found[child] { child += 1 }
                guard unsafe found[child] > found[root] else { break }
                unsafe (found[root], found[child]) = unsafe (found[child], found[root])
                root = child
            }
        }
    }
}
