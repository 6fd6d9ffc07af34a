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

    private struct List {
        /// Without the salt: probe and hash.
        let probe: Probe
        let hash: UInt64
        let type: UInt32
        let access: UInt32
        var clauses: Clauses
    }

    /// One clause in place; an array only for more.
    private enum Clauses {
        case one(UInt32)
        case many([UInt32])
        mutating func append(_ clause: UInt32) {
            switch self {
            case .one(let first): self = .many([first, clause])
            case .many(var all):
                self = .one(0)
                all.append(clause)
                self = .many(all)
            }
        }
        var all: [UInt32] {
            switch self {
            case .one(let clause): [clause]
            case .many(let clauses): clauses
            }
        }
        var last: UInt32? {
            switch self {
            case .one(let clause): clause
            case .many(let clauses): clauses.last
            }
        }
    }

    private struct ListKey: Hashable {
        let seed: UInt64
        let hash: UInt64
        let type: UInt32
    }
    private struct TreeKey: Hashable {
        let type: UInt32
        let slot: Int
    }
    private struct ProbeKey: Hashable {
        let type: UInt32
        let seed: UInt64
    }

    private var lists: [List] = []
    private var listNumbers: [ListKey: Int] = [:]
    private var plain: [[UInt32]]
    private var probes: [[Probe]]
    private var probesSeen: Set<ProbeKey> = []
    private var trees: [TreeKey: [Interval]] = [:]

    init(typeCount: Int) {
        plain = Array(repeating: [], count: typeCount)
        probes = Array(repeating: [], count: typeCount)
    }

    /// - Parameter types: empty means any.
    mutating func file(
        _ clause: UInt32, _ types: [UInt32], _ choice: AccessChoice?, _ builder: inout RuleIndexBuilder
    ) {
        for type in types.isEmpty ? [0] : types {
            guard let choice else {
                plain[Int(type)].append(clause)
                continue
            }
            if let interval = choice.interval {
                trees[TreeKey(type: type, slot: interval.slot), default: []].append(
                    Interval(low: interval.low, high: interval.high, highest: 0, clause: clause))
                continue
            }
            for key in choice.keys { file(clause, type, key, &builder) }
        }
    }

    private mutating func file(
        _ clause: UInt32, _ type: UInt32, _ key: AccessKey, _ builder: inout RuleIndexBuilder
    ) {
        let listKey = ListKey(seed: key.probe.seed, hash: key.hash, type: type)
        if let known = listNumbers[listKey] {
            if lists[known].clauses.last != clause { lists[known].clauses.append(clause) }
            return
        }
        listNumbers[listKey] = lists.count
        let slot = Int(key.probe.slot)
        let access: UInt32 =
            switch key.proof {
            case .none: .max
            case .scalar(let scalar): builder.accessTest(scalar, slot: slot)
            case .end(let operation, let text): builder.accessTest(operation, builder.text(text), slot: slot)
            case .network(let network): builder.networkTest(network, slot: slot)
            }
        lists.append(
            List(probe: key.probe, hash: key.hash, type: type, access: access, clauses: .one(clause)))
        if probesSeen.insert(ProbeKey(type: type, seed: key.probe.seed)).inserted {
            probes[Int(type)].append(key.probe)
        }
    }

    consuming func table() -> Tables {
        var result = Tables()
        for list in lists {
            let all = list.clauses.all
            let first = all.count == 1 ? all[0] : UInt32(result.entries.count)
            if all.count > 1 { result.entries += all }
            result.lists.append(
                ClauseList(
                    seed: list.probe.seed, access: list.access, type: list.type, first: first,
                    count: UInt32(all.count)))
        }
        hash(into: &result)
        for (key, intervals) in trees.sorted(by: { ($0.key.type, $0.key.slot) < ($1.key.type, $1.key.slot) }) {
            probes[Int(key.type)].append(Probe(key.slot, .interval, tree: UInt32(result.trees.count)))
            result.trees.append(
                IntervalTree(first: UInt32(result.intervals.count), count: UInt32(intervals.count)))
            result.intervals += IntervalTree.arranged(intervals)
        }
        for type in plain.indices {
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
            result.probes += probes[type].sorted { ($0.slot, $0.kind.rawValue, $0.length) < ($1.slot, $1.kind.rawValue, $1.length) }
        }
        return result
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
                        result.salt += 0x9E37_79B9_7F4A_7C15 | 1
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
