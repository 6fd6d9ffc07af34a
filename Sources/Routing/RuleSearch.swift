// RuleSearch.swift: one event against an index: look up, verify, collect.
//
// No allocation in steady state, no String, no reference counting. For the event's type and for rules of any type:
// every probe that is in use there is looked up by what the event has in its slot, and the clauses found are verified
// by their remaining tests. Neighbours: IndexImage.swift (the tables), RuleIndex.swift (orders what is found).

internal import Machine

/// SAFETY: lives for one search; `image` is kept by its index, `state` by its buffer, the slots by the event's run.
@unsafe struct RuleSearch {
    private let image: IndexImage
    private let event: EventSlots
    private let state: UnsafeMutablePointer<MatchState>
    private let all: Bool
    /// With `match: "first"`: outcomes from this one on cannot win any more.
    private var limit = UInt32.max

    init(_ image: IndexImage, _ event: EventSlots, all: Bool, into state: UnsafeMutablePointer<MatchState>) {
        unsafe self.image = image
        unsafe self.event = event
        unsafe self.state = unsafe state
        unsafe self.all = all
    }

    mutating func run() {
        let type = unsafe image.typeNumber(of: event[0])
        if type != 0 { unsafe search(type) }
        unsafe search(0)
    }

    private mutating func search(_ type: UInt32) {
        let plan = unsafe image.plans[type]
        if plan.plainList != .max { unsafe visit(image.lists[plan.plainList]) }
        var position = plan.firstProbe
        let end = plan.firstProbe &+ plan.probeCount
        while position < end {
            let probe = unsafe image.probes[position]
            position &+= 1
            let value = unsafe event.base[Int(probe.slot)]
            if value.isMissing { continue }
            unsafe look(probe, value, type)
        }
    }

    @inline(__always) private mutating func look(_ probe: Probe, _ value: Value, _ type: UInt32) {
        switch probe.kind {
        case .equal:
            guard let hash = value.scalarHash else { return }
            unsafe lookUp(probe, hash, value, type)
        case .prefix, .suffix:
            let count = Int(probe.length)
            guard value.isText, value.textCount >= count else { return }
            let place =
                probe.kind == .prefix ? value.textPlace : value.textPlace.advanced(by: value.textCount &- count)
            unsafe lookUp(probe, place.hash(count), value, type)
        default: unsafe lookOther(probe, value, type)
        }
    }

    @inline(never) private mutating func lookOther(_ probe: Probe, _ value: Value, _ type: UInt32) {
        switch probe.kind {
        case .equal, .prefix, .suffix: break
        case .folded:
            guard value.isText else { return }
            unsafe lookUp(probe, foldedHash(of: value), value, type)
        case .network4, .network6:
            guard let address = IPAddress(value), address.isVersion6 == (probe.kind == .network6) else { return }
            unsafe lookUp(probe, IPNetwork.prefix(of: address, bits: Int(probe.length)).indexHash, value, type)
        case .present: unsafe lookUp(probe, 0, value, type)
        case .presentText:
            guard value.isText || value.kindNumber == Value.KindByte.object else { return }
            unsafe lookUp(probe, 0, value, type)
        case .item: unsafe lookAtItems(probe, type)
        case .interval:
            guard value.isNumeric else { return }
            let number = value.isIntNumber ? Double(Int64(bitPattern: value.bits)) : Double(bitPattern: value.bits)
            unsafe stab(image.trees[probe.tree], number)
        }
    }

    @inline(__always) private mutating func lookUp(_ probe: Probe, _ hash: UInt64, _ value: Value, _ type: UInt32) {
        let found = unsafe image.list(IndexImage.key(probe, hash, type: type, salt: image.salt))
        guard found >= 0 else { return }
        let list = unsafe image.lists[found]
        guard list.type == type, list.seed == probe.seed else { return }
        if list.access != .max, unsafe image.ask(image.tests[list.access], value, event) != .yes { return }
        unsafe visit(list)
    }

    private mutating func lookAtItems(_ probe: Probe, _ type: UInt32) {
        let opened = unsafe event.opened(Int(probe.slot))
        // An object is gone through only by a quantifier, but a test of its values finds nothing that is not there.
        for position in unsafe 0..<event.itemCount(of: opened) {
            let value = unsafe image.value(at: UInt32(probe.length), below: event.item(position, of: opened), event)
            guard let hash = value.scalarHash else { continue }
            let found = unsafe image.list(IndexImage.key(probe, hash, type: type, salt: image.salt))
            guard found >= 0 else { continue }
            let list = unsafe image.lists[found]
            guard list.type == type, list.seed == probe.seed else { continue }
            if list.access != .max, unsafe image.ask(image.tests[list.access], value, event) != .yes { continue }
            if unsafe state.stamp(found) { unsafe visit(list) }
        }
    }

    private mutating func stab(_ tree: IntervalTree, _ number: Double) {
        unsafe image.forEachInterval(of: tree, holding: number) { clause in unsafe verify(clause) }
    }

    /// Clauses of a list are in source order.
    @inline(__always) private mutating func visit(_ list: ClauseList) {
        if list.count == 1 { return unsafe verify(list.first) }
        var position = list.first
        let end = list.first &+ list.count
        while position < end {
            unsafe verify(image.entries[position])
            position &+= 1
        }
    }

    @inline(__always) private mutating func verify(_ number: UInt32) {
        let clause = unsafe image.clauses[number]
        if unsafe clause.outcome >= limit { return }
        var outcome = clause.outcome
        var position = clause.firstTest
        let end = clause.firstTest &+ UInt32(clause.testCount)
        while position < end {
            let test = unsafe image.tests[position]
            let verdict = unsafe image.ask(test, event.base[Int(test.slot)], event)
            if verdict == .no { return }
            if verdict == .unknown { outcome |= 1 }
            position &+= 1
        }
        unsafe state.append(outcome)
        if outcome & 1 == 0, unsafe !all { unsafe limit = outcome }
    }
}

/// As `TextPlace.foldedHash`; texts beyond ASCII by the standard library's idea of equality.
func foldedHash(of text: Value) -> UInt64 {
    if let hash = text.textPlace.foldedHash(text.textCount) { return hash }
    return foldedHash(ofUnicode: text.asString ?? "")
}

/// Of a text that is compared without case, when the event's text is beyond ASCII.
func foldedHash(ofUnicode text: String) -> UInt64 { UInt64(bitPattern: Int64(text.lowercased().hashValue)) }

extension IPAddress {
    @inline(__always) var indexHash: UInt64 { (high &* 0xff51_afd7_ed55_8ccd ^ low).mixed }
}
