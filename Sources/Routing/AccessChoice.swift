// AccessChoice.swift: what a conjunction can be looked up by, and which of it is the rarest.
//
// A candidate is one or more keys, all of which lead to the conjunction: `in ["a", "b"]` has two. Its weight is how many
// conjunctions share its keys; the lightest wins. Neighbours: RuleIndexBuilder.swift, Filing.swift (keys to lists).

internal import Machine

/// What to look for in a slot, without a type.
struct AccessKey {
    enum Proof {
        /// The key alone decides; the clause keeps its test.
        case none
        case scalar(Scalar)
        case end(CompiledTest.Operation, ByteText)
        case network(IPNetwork)
    }
    let probe: Probe
    let hash: UInt64
    /// What a value must pass for the key to be its own.
    let proof: Proof
}

struct AccessChoice {
    let keys: [AccessKey]
    /// The interval that is looked up instead of keys.
    let interval: (low: Double, high: Double, slot: Int)?
    /// The atom that the look-up has tested already.
    let impliedAtom: Int?

    /// By draft; nil: nothing to look up.
    static func choices(of builder: inout RuleIndexBuilder, in filing: inout Filing) -> [AccessChoice?] {
        let drafts = builder.drafts
        guard drafts.count > RuleIndexBuilder.scannedMax else { return drafts.map { _ in nil } }
        var perType = Array(repeating: 0, count: builder.typeNames.count)
        for draft in drafts {
            if draft.types.isEmpty { perType[0] += 1 }
            for type in draft.types { perType[Int(type)] += 1 }
        }
        // First count how many share each key, then let everyone choose.
        var weights = KeyWeights(capacity: drafts.count * 2)
        var candidates: [[AccessChoice]] = []
        candidates.reserveCapacity(drafts.count)
        for draft in drafts {
            let isScanned = !draft.types.isEmpty
                && draft.types.allSatisfy { perType[Int($0)] <= RuleIndexBuilder.scannedOfTypeMax }
            let own = isScanned ? [] : Self.candidates(of: draft, &builder)
            for candidate in own { weights.add(candidate, types: draft.types) }
            candidates.append(own)
        }
        return zip(drafts, candidates).map { draft, own in
            var best: AccessChoice?
            var least = Double.infinity
            for candidate in own {
                let weight = weights.weight(of: candidate, types: draft.types)
                if weight < least { (best, least) = (candidate, weight) }
            }
            return best
        }
    }

    /// The better kinds first: they win among equals.
    private static func candidates(
        of draft: RuleIndexBuilder.Draft, _ builder: inout RuleIndexBuilder
    ) -> [AccessChoice] {
        var result: [AccessChoice] = []
        var weak: [AccessChoice] = []
        var bounds: [Int: (low: Double, high: Double)] = [:]
        for (place, atom) in draft.atoms.enumerated() where !atom.isNegated && atom.test != .isNull {
            func add(_ keys: [AccessKey], implied: Bool) {
                guard !keys.isEmpty, keys.count * max(1, draft.types.count) <= RuleIndexBuilder.listsOfClauseMax else {
                    return
                }
                result.append(AccessChoice(keys: keys, interval: nil, impliedAtom: implied ? place : nil))
            }
            let present = AccessKey(probe: Probe(atom.slot, .present), hash: 0, proof: .none)
            weak.append(
                AccessChoice(keys: [present], interval: nil, impliedAtom: atom.test == .exists && atom.subject == .slot ? place : nil))
            if case .items(let path, let isItemNegated) = atom.subject {
                guard !isItemNegated, let scalars = atom.test.scalars, let number = UInt16(exactly: builder.path(path))
                else { continue }
                add(scalars.map { builder.key(Probe(atom.slot, .item, length: number), $0) }, implied: true)
                continue
            }
            switch atom.test {
            case .equals, .isOneOf:
                add((atom.test.scalars ?? []).map { builder.key(Probe(atom.slot, .equal), $0) }, implied: true)
            case .startsWith(let text): builder.addEnd(text, atom, .prefix, add)
            case .endsWith(let text): builder.addEnd(text, atom, .suffix, add)
            case .isLike(let pattern):
                let (head, tail) = pattern.outerPieces
                builder.addEnd(head, atom, .prefix) { keys, _ in add(keys, implied: false) }
                builder.addEnd(tail, atom, .suffix) { keys, _ in add(keys, implied: false) }
            case .equalsIgnoringCase(let text): add(builder.foldedKeys(text, slot: atom.slot), implied: false)
            case .isInNetwork(let network):
                let kind: ProbeKind = network.base.isVersion6 ? .network6 : .network4
                let probe = Probe(atom.slot, kind, length: UInt16(network.prefixBits))
                add([AccessKey(probe: probe, hash: network.base.indexHash, proof: .network(network))], implied: true)
            case .contains(let text, _):
                guard let number = UInt16(exactly: builder.path([])) else { break }
                add(
                    [
                        builder.key(Probe(atom.slot, .item, length: number), .string(text)),
                        AccessKey(probe: Probe(atom.slot, .presentText), hash: 0, proof: .none),
                    ], implied: false)
            case .isBetween(let low, let high):
                guard let ends = Self.ends(low, high) else { break }
                let known = bounds[atom.slot] ?? (-.infinity, .infinity)
                bounds[atom.slot] = (max(known.low, ends.low), min(known.high, ends.high))
            case .isNull, .exists: break
            }
        }
        for (slot, ends) in bounds.sorted(by: { $0.key < $1.key }) where draft.types.count <= 8 {
            result.append(AccessChoice(keys: [], interval: (ends.low, ends.high, slot), impliedAtom: nil))
        }
        return result + weak
    }

    /// Of an interval of numbers.
    private static func ends(_ low: Bound?, _ high: Bound?) -> (low: Double, high: Double)? {
        func number(_ bound: Bound?, _ open: Double) -> Double? {
            switch bound?.value {
            case nil: open
            case .int(let value): Double(value)
            case .float(let value): value
            case .string, .bool: nil
            }
        }
        guard let low = number(low, -.infinity), let high = number(high, .infinity) else { return nil }
        return (low, high)
    }
}

extension Probe {
    init(_ slot: Int, _ kind: ProbeKind, length: UInt16 = 0, tree: UInt32 = 0) {
        self.init(slot: UInt32(slot), kind: kind, length: length, tree: tree)
    }
}

extension Test {
    /// What a value must be one of.
    var scalars: [Scalar]? {
        switch self {
        case .equals(let scalar): [scalar]
        case .isOneOf(let scalars): scalars
        default: nil
        }
    }
}

extension RuleIndexBuilder {
    mutating func key(_ probe: Probe, _ scalar: Scalar) -> AccessKey {
        guard let hash = value(of: scalar).scalarHash else { preconditionFailure("a constant that is no scalar") }
        return AccessKey(probe: probe, hash: hash, proof: .scalar(scalar))
    }

    /// By as much of a text's end as is looked up in that slot; all of it, mostly.
    mutating func addEnd(
        _ text: ByteText, _ atom: Atom, _ kind: ProbeKind, _ add: ([AccessKey], Bool) -> Void
    ) {
        let byteCount = text.string.utf8.count
        guard let count = endLengths.length(for: byteCount, slot: atom.slot, kind) else { return }
        let value = self.text(text)
        let place = kind == .prefix ? value.textPlace : value.textPlace.advanced(by: byteCount - count)
        let isWhole = count == byteCount
        let proof: AccessKey.Proof = isWhole ? .end(kind == .prefix ? .prefix : .suffix, text) : .none
        let probe = Probe(atom.slot, kind, length: UInt16(count))
        add([AccessKey(probe: probe, hash: place.hash(count), proof: proof)], isWhole)
    }

    /// One key for texts in ASCII and one for all others.
    mutating func foldedKeys(_ text: ByteText, slot: Int) -> [AccessKey] {
        let value = self.text(ByteText(text.string.lowercased()))
        let hashes = [value.textPlace.foldedHash(value.textCount), foldedHash(ofUnicode: text.string)].compactMap { $0 }
        return hashes.map { AccessKey(probe: Probe(slot, .folded), hash: $0, proof: .none) }
    }
}

extension ByteText {
    /// What stands before the first `*` and after the last one.
    var outerPieces: (ByteText, ByteText) {
        let pieces = string.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        func text(_ piece: Substring.UTF8View?) -> ByteText { ByteText(piece.map { String(Substring($0)) } ?? "") }
        return (text(pieces.first), text(pieces.last))
    }
}

/// How many conjunctions share a key within a type.
private struct KeyWeights {
    private var counts: [UInt64: Int32] = [:]

    init(capacity: Int) { counts.reserveCapacity(capacity) }

    mutating func add(_ candidate: AccessChoice, types: [UInt32]) {
        for type in types.isEmpty ? [0] : types {
            for key in Self.keys(candidate, type) { counts[key, default: 0] += 1 }
        }
    }

    func weight(of candidate: AccessChoice, types: [UInt32]) -> Double {
        var sum = 0.0
        for type in types.isEmpty ? [0] : types {
            for key in Self.keys(candidate, type) { sum += Double(counts[key] ?? 0) }
        }
        // An interval holds a value now and then; that something is there says next to nothing.
        if candidate.interval != nil { return 1 + sum / 4 }
        return candidate.keys.contains { $0.probe.kind == .present } ? 2 + sum * 4 : sum
    }

    private static func keys(_ candidate: AccessChoice, _ type: UInt32) -> [UInt64] {
        if let interval = candidate.interval {
            return [IndexImage.key(Probe(interval.slot, .interval), 0, type: type, salt: 0)]
        }
        return candidate.keys.map { IndexImage.key($0.probe, $0.hash, type: type, salt: 0) }
    }
}
