// Filing.swift: keys become lists of clauses, probes of a type, and one hash table over all.
//
// Neighbours: AccessChoice.swift (says under what a clause is filed), IndexImage.swift (what comes out).

internal import Machine

struct Filing {
    /// What is written into the image.
    struct Tables {
        var entries: [UInt32] = []
        var lists: [ClauseList] = []
        var slots: [UInt64] = []
        var salt: UInt64 = 0
        var probes: [Probe] = []
        var plans: [TypePlan] = []
        var trees: [IntervalTree] = []
        var intervals: [Interval] = []
    }

    private struct List: BitwiseCopyable {
        let probe: Probe
        let hash: UInt64
        let type: UInt32
        let access: UInt32
        var count: UInt32
        var lastClause: UInt32
    }

    private struct Posting: BitwiseCopyable {
        let list: UInt32
        let clause: UInt32
    }

    private struct TreeKey: Hashable {
        let type: UInt32
        let slot: UInt32
    }

    private var lists: [List] = []
    /// Positions in `lists` + 1 by their keys; 0 is free.
    private var places: [UInt32] = Array(repeating: 0, count: 1024)
    private var postings: [Posting] = []
    private var plain: [[UInt32]]
    private var probes: [[Probe]]
    /// Keys of probes and types that are in `probes`.
    private var known: Set<UInt64> = []
    private var trees: [TreeKey: [Interval]] = [:]
    private var keys: [(probe: Probe, hash: UInt64)] = []

    init(typeCount: Int) {
        plain = Array(repeating: [], count: typeCount)
        probes = Array(repeating: [], count: typeCount)
    }

    /// - Parameters:
    ///   - draft: as it was before its implied test was set aside.
    ///   - access: nil for the plain lists.
    mutating func file(
        _ clause: UInt32, _ draft: RuleIndexBuilder.Draft, _ access: Access?, _ builder: RuleIndexBuilder
    ) {
        guard let access else {
            builder.forEachType(of: draft) { plain[Int($0)].append(clause) }
            return
        }
        let test = builder.tests[Int(access.isImplied ? draft.firstTest + draft.testCount - 1 : access.test)]
        if access.way == .interval {
            let ends = builder.numberEnds(of: draft, slot: test.slot)
            let interval = Interval(low: ends.low, high: ends.high, highest: 0, clause: clause)
            builder.forEachType(of: draft) { trees[TreeKey(type: $0, slot: test.slot), default: []].append(interval) }
            return
        }
        keys.removeAll(keepingCapacity: true)
        let moved = Access(
            test: access.isImplied ? draft.firstTest + draft.testCount - 1 : access.test, way: access.way,
            length: access.length, isImplied: access.isImplied)
        builder.forEachKey(of: moved) { keys.append(($0, $1)) }
        for (position, key) in keys.enumerated() {
            for place in 0..<max(1, draft.typeCount) {
                let type = draft.typeCount == 0 ? 0 : builder.draftTypes[Int(draft.firstType + place)]
                append(clause, to: list(key.probe, key.hash, type) { builder.proof(of: moved, key: position) })
            }
        }
    }

    private mutating func append(_ clause: UInt32, to list: Int) {
        if lists[list].count > 0, lists[list].lastClause == clause { return }
        lists[list].count += 1
        lists[list].lastClause = clause
        postings.append(Posting(list: UInt32(list), clause: clause))
    }

    /// The list under a key, a new one when there is none.
    private mutating func list(_ probe: Probe, _ hash: UInt64, _ type: UInt32, _ proof: () -> UInt32) -> Int {
        let mask = places.count - 1
        let key = IndexImage.key(probe, hash, type: type, salt: 0)
        var place = Int(truncatingIfNeeded: key) & mask
        while places[place] != 0 {
            let list = lists[Int(places[place]) - 1]
            if list.hash == hash, list.type == type, list.probe.seed == probe.seed { return Int(places[place]) - 1 }
            place = (place + 1) & mask
        }
        lists.append(List(probe: probe, hash: hash, type: type, access: proof(), count: 0, lastClause: 0))
        places[place] = UInt32(lists.count)
        if known.insert(IndexImage.key(probe, 0, type: type, salt: 1)).inserted { probes[Int(type)].append(probe) }
        if lists.count * 2 > places.count { growPlaces() }
        return lists.count - 1
    }

    private mutating func growPlaces() {
        places = Array(repeating: 0, count: places.count * 4)
        let mask = places.count - 1
        for (number, list) in lists.enumerated() {
            var place = Int(truncatingIfNeeded: IndexImage.key(list.probe, list.hash, type: list.type, salt: 0)) & mask
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(number + 1)
        }
    }

    consuming func table() -> Tables {
        var result = Tables()
        fillLists(into: &result)
        hash(into: &result)
        for (key, intervals) in trees.sorted(by: { ($0.key.type, $0.key.slot) < ($1.key.type, $1.key.slot) }) {
            probes[Int(key.type)].append(Probe(key.slot, .interval, tree: UInt32(result.trees.count)))
            result.trees.append(
                IntervalTree(first: UInt32(result.intervals.count), count: UInt32(intervals.count)))
            result.intervals += IntervalTree.arranged(intervals)
        }
        for type in plain.indices { plan(type, into: &result) }
        return result
    }

    /// Clauses of each list side by side, in source order: they were filed in that order.
    private func fillLists(into result: inout Tables) {
        var next: [UInt32] = []
        next.reserveCapacity(lists.count)
        var total: UInt32 = 0
        for list in lists {
            next.append(total)
            if list.count > 1 { total += list.count }
        }
        result.entries = Array(repeating: 0, count: Int(total))
        result.lists.reserveCapacity(lists.count)
        for (number, list) in lists.enumerated() {
            result.lists.append(
                ClauseList(
                    seed: list.probe.seed, access: list.access, type: list.type,
                    first: list.count == 1 ? list.lastClause : next[number], count: list.count))
        }
        for posting in postings where lists[Int(posting.list)].count > 1 {
            result.entries[Int(next[Int(posting.list)])] = posting.clause
            next[Int(posting.list)] += 1
        }
    }

    private func plan(_ type: Int, into result: inout Tables) {
        var list = UInt32.max
        if let first = plain[type].first {
            let count = plain[type].count
            list = UInt32(result.lists.count)
            result.lists.append(
                ClauseList(
                    seed: 0, access: .max, type: UInt32(type),
                    first: count == 1 ? first : UInt32(result.entries.count), count: UInt32(count)))
            if count > 1 { result.entries += plain[type] }
        }
        result.plans.append(
            TypePlan(
                plainList: list, firstProbe: UInt32(result.probes.count), probeCount: UInt32(probes[type].count)))
        result.probes += probes[type].sorted {
            ($0.slot, $0.kind.rawValue, $0.length) < ($1.slot, $1.kind.rawValue, $1.length)
        }
    }

    /// Tries salts until no key would be taken for another one: a slot holds half of a key only.
    private func hash(into result: inout Tables) {
        var size = 16
        while size < lists.count * 2 { size *= 2 }
        let mask = UInt64(size - 1)
        search: while true {
            result.slots = Array(repeating: 0, count: size)
            for (number, list) in lists.enumerated() {
                let key = IndexImage.key(list.probe, list.hash, type: list.type, salt: result.salt)
                var position = key & mask
                while result.slots[Int(position)] != 0 {
                    if result.slots[Int(position)] >> 32 == key >> 32 {
                        result.salt &+= 0x9E37_79B9_7F4A_7C15
                        continue search
                    }
                    position = (position + 1) & mask
                }
                result.slots[Int(position)] = (key >> 32) << 32 | UInt64(number + 1)
            }
            return
        }
    }
}

extension RuleIndexBuilder {
    /// The test by which a list knows that a value is the one it stands for; `UInt32.max` where its clauses test it.
    ///
    /// - Parameter key: which of the access's keys.
    func proof(of access: Access, key: Int) -> UInt32 {
        let test = tests[Int(access.test)]
        switch access.way {
        case .members: return append(members[Int(test.operand.bits) + key].value, slot: test.slot)
        case .item: return append(itemTests[Int(test.operand.bits)].test.operand, slot: test.slot)
        case .itemMembers:
            let inner = itemTests[Int(test.operand.bits)].test
            return append(members[Int(inner.operand.bits) + key].value, slot: test.slot)
        case .equal, .prefix, .suffix, .network, .present: return access.isImplied ? access.test : .max
        case .folded, .part, .interval: return .max
        }
    }

    private func append(_ scalar: Value, slot: UInt32) -> UInt32 {
        let operation: CompiledTest.Operation =
            scalar.isText ? .isText : scalar.kindNumber == Value.KindByte.bool ? .isBool : .isNumber
        tests.append(CompiledTest(operation: operation, isNegated: false, slot: slot, operand: scalar))
        return UInt32(tests.count - 1)
    }
}
