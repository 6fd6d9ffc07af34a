// AccessChoice.swift: what a conjunction can be looked up by, and which of it is the rarest.
//
// A candidate is one or more keys, all of which lead to the conjunction: `in ["a", "b"]` has two. Its weight is how many
// conjunctions of its types share its keys; the lightest wins. Neighbours: RuleIndexBuilder.swift, Filing.swift.

internal import Machine

/// A way to a conjunction, by one of its tests.
struct Access: BitwiseCopyable {
    enum Way: UInt8 {
        /// The value itself; each of several values.
        case equal, members
        case prefix, suffix
        case folded, network
        /// A text that may be a part, or an item of a list.
        case part
        /// The value of an item.
        case item, itemMembers
        /// A number between two ends.
        case interval
        /// That something is there.
        case present
    }
    /// In `tests`.
    let test: UInt32
    let way: Way
    /// Of `prefix` and `suffix`, in bytes.
    let length: UInt16
    /// The look-up says all that the test says.
    let isImplied: Bool
}

/// What the choice is made by: how many conjunctions there are of each type and under each key.
struct AccessChoice {
    /// A conjunction that would stand in more lists than this is filed by its types alone.
    static let listsOfClauseMax = 256
    private(set) var weights = KeyCounts()
    let perType: [UInt32]
    let isScanned: Bool

    /// Counts how many conjunctions share each key.
    init(_ builder: RuleIndexBuilder) {
        isScanned = builder.drafts.count <= RuleIndexBuilder.scannedMax
        var perType = Array(repeating: UInt32(0), count: builder.typeNames.count)
        for type in builder.draftTypes { perType[Int(type)] += 1 }
        self.perType = perType
        guard !isScanned else { return }
        for draft in builder.drafts where !builder.isPlain(draft, perType) {
            builder.forEachAccess(of: draft) { access in
                builder.forEachKey(of: access) { probe, hash in
                    builder.forEachType(of: draft) { weights.add(IndexImage.key(probe, hash, type: $0, salt: 0)) }
                }
            }
        }
    }
}

extension RuleIndexBuilder {
    /// Few of each of its types: not worth a look-up.
    func isPlain(_ draft: Draft, _ perType: [UInt32]) -> Bool {
        guard draft.typeCount > 0 else { return false }
        for position in draft.firstType..<(draft.firstType + draft.typeCount)
        where perType[Int(draftTypes[Int(position)])] > Self.scannedOfTypeMax {
            return false
        }
        return true
    }

    /// The access that the fewest share; nil: nothing to look up.
    func best(of number: Int, by choice: AccessChoice) -> Access? {
        let draft = drafts[number]
        guard !choice.isScanned, !isPlain(draft, choice.perType) else { return nil }
        var best: Access?
        var least = UInt64.max
        forEachAccess(of: draft) { access in
            var sum: UInt64 = 0
            var lists = 0
            forEachKey(of: access) { probe, hash in
                forEachType(of: draft) { type in
                    sum += UInt64(choice.weights.count(IndexImage.key(probe, hash, type: type, salt: 0)))
                    lists += 1
                }
            }
            guard lists <= AccessChoice.listsOfClauseMax else { return }
            // An interval holds a value now and then; that something is there says next to nothing.
            let weight: UInt64 =
                switch access.way {
                case .interval: 4 + sum
                case .present: 32 + sum * 16
                default: sum * 4
                }
            if weight < least { (best, least) = (access, weight) }
        }
        return best
    }

    /// 0, any type, for one that names none.
    @inline(__always) func forEachType(of draft: Draft, _ body: (UInt32) -> Void) {
        if draft.typeCount == 0 { return body(0) }
        for position in draft.firstType..<(draft.firstType + draft.typeCount) { body(draftTypes[Int(position)]) }
    }

    /// The better ways first: they win among equals.
    func forEachAccess(of draft: Draft, _ body: (Access) -> Void) {
        let all = draft.firstTest..<(draft.firstTest + draft.testCount)
        for position in all {
            let test = tests[Int(position)]
            if test.isNegated || test.operation == .isNull { continue }
            func offer(_ way: Access.Way, length: Int = 0, isImplied: Bool = false) {
                body(Access(test: position, way: way, length: UInt16(length), isImplied: isImplied))
            }
            switch test.operation {
            case .isText, .isBool, .isNumber: offer(.equal, isImplied: true)
            case .isOneOf: offer(.members, isImplied: true)
            case .prefix, .suffix:
                let count = test.operand.textCount
                let kind: ProbeKind = test.operation == .prefix ? .prefix : .suffix
                if let length = endLengths.length(for: count, slot: test.slot, kind) {
                    offer(kind == .prefix ? .prefix : .suffix, length: length, isImplied: length == count)
                }
            case .like:
                let (head, tail) = test.operand.outerCounts
                if let length = endLengths.length(for: head, slot: test.slot, .prefix) {
                    offer(.prefix, length: length)
                }
                if let length = endLengths.length(for: tail, slot: test.slot, .suffix) {
                    offer(.suffix, length: length)
                }
            case .sameIgnoringCase: offer(.folded)
            case .network: offer(.network, isImplied: true)
            case .part, .partOrKey: offer(.part)
            case .items:
                let inner = itemTests[Int(test.operand.bits)]
                if inner.test.isNegated || inner.path > UInt16.max { break }
                switch inner.test.operation {
                case .isText, .isBool, .isNumber: offer(.item, isImplied: true)
                case .isOneOf: offer(.itemMembers, isImplied: true)
                default: break
                }
            case .numberBelow, .numberUpTo, .numberAbove, .numberFrom, .between:
                // Once for all ends of a slot.
                if numberEnds(of: test) != nil, draft.typeCount <= 8,
                    !all.prefix(while: { $0 < position }).contains(where: {
                        tests[Int($0)].slot == test.slot && numberEnds(of: tests[Int($0)]) != nil
                            && !tests[Int($0)].isNegated
                    })
                {
                    offer(.interval)
                }
            case .textBelow, .textUpTo, .textAbove, .textFrom, .isNull, .exists: break
            }
            offer(.present, isImplied: test.operation == .exists)
        }
    }

    /// What to look for in the slot. Of an interval: one key that stands for the slot.
    func forEachKey(of access: Access, _ body: (Probe, UInt64) -> Void) {
        let test = tests[Int(access.test)]
        let slot = test.slot
        switch access.way {
        case .equal: body(Probe(slot, .equal), test.operand.scalarHash ?? 0)
        case .members: forEachMember(of: test) { body(Probe(slot, .equal), $0.hash) }
        case .prefix: body(Probe(slot, .prefix, length: access.length), test.operand.textPlace.hash(Int(access.length)))
        case .suffix:
            let text = test.operand
            let place = text.textPlace.advanced(by: text.textCount - Int(access.length))
            body(Probe(slot, .suffix, length: access.length), place.hash(Int(access.length)))
        case .folded:
            let lower = ByteText((test.operand.asString ?? "").lowercased())
            if let hash = memory.withText(lower.string, { $0.textPlace.foldedHash($0.textCount) }) {
                body(Probe(slot, .folded), hash)
            }
            body(Probe(slot, .folded), foldedHash(ofUnicode: lower.string))
        case .network:
            let network = networks[Int(test.operand.bits)]
            let kind: ProbeKind = network.base.isVersion6 ? .network6 : .network4
            body(Probe(slot, kind, length: UInt16(network.prefixBits)), network.base.indexHash)
        case .part:
            body(Probe(slot, .item, length: UInt16(ownPath)), test.operand.scalarHash ?? 0)
            body(Probe(slot, .presentText), 0)
        case .item, .itemMembers:
            let inner = itemTests[Int(test.operand.bits)]
            let probe = Probe(slot, .item, length: UInt16(inner.path))
            if access.way == .item {
                body(probe, inner.test.operand.scalarHash ?? 0)
            } else {
                forEachMember(of: inner.test) { body(probe, $0.hash) }
            }
        case .interval: body(Probe(slot, .interval), 0)
        case .present: body(Probe(slot, .present), 0)
        }
    }

    func forEachMember(of test: CompiledTest, _ body: (Member) -> Void) {
        for position in Int(test.operand.bits)..<(Int(test.operand.bits) + test.operand.textCount) {
            body(members[position])
        }
    }

    /// The ends of an interval of numbers; nil for everything else.
    func numberEnds(of test: CompiledTest) -> (low: Double, high: Double)? {
        switch test.operation {
        case .numberBelow, .numberUpTo: return (-.infinity, test.operand.asDouble ?? .infinity)
        case .numberAbove, .numberFrom: return (test.operand.asDouble ?? -.infinity, .infinity)
        case .between:
            let range = ranges[Int(test.operand.bits)]
            guard let low = range.low.asDouble, let high = range.high.asDouble else { return nil }
            return (low, high)
        default: return nil
        }
    }

    /// What all tests of a slot leave of its numbers.
    func numberEnds(of draft: Draft, slot: UInt32) -> (low: Double, high: Double) {
        var result = (low: -Double.infinity, high: Double.infinity)
        for position in draft.firstTest..<(draft.firstTest + draft.testCount) {
            let test = tests[Int(position)]
            guard test.slot == slot, !test.isNegated, let ends = numberEnds(of: test) else { continue }
            result = (max(result.low, ends.low), min(result.high, ends.high))
        }
        return result
    }
}

extension Probe {
    @inline(__always) init(_ slot: UInt32, _ kind: ProbeKind, length: UInt16 = 0, tree: UInt32 = 0) {
        self.init(slot: slot, kind: kind, length: length, tree: tree)
    }
}

extension Value {
    /// Of a pattern: bytes before the first `*` and after the last one.
    var outerCounts: (head: Int, tail: Int) {
        let star = UInt8(ascii: "*")
        var head = 0
        while head < textCount, textPlace.byte(at: head) != star { head += 1 }
        var tail = 0
        while tail < textCount, textPlace.byte(at: textCount - 1 - tail) != star { tail += 1 }
        return (head, tail)
    }
}

/// How often each key was counted. Keys are mixed already.
struct KeyCounts {
    private var keys: [UInt64] = Array(repeating: 0, count: 1024)
    private var counts: [UInt32] = Array(repeating: 0, count: 1024)
    private var used = 0

    mutating func add(_ key: UInt64) {
        let place = place(of: key)
        if counts[place] == 0 {
            keys[place] = key
            used += 1
        }
        counts[place] += 1
        if used * 2 > keys.count { grow() }
    }

    func count(_ key: UInt64) -> UInt32 { counts[place(of: key)] }

    private func place(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var place = Int(truncatingIfNeeded: key) & mask
        while counts[place] != 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let (oldKeys, oldCounts) = (keys, counts)
        keys = Array(repeating: 0, count: oldKeys.count * 4)
        counts = Array(repeating: 0, count: oldKeys.count * 4)
        for (key, count) in zip(oldKeys, oldCounts) where count != 0 {
            let place = place(of: key)
            keys[place] = key
            counts[place] = count
        }
    }
}
