// PlainCondition.swift: conditions that are certainly possible, told at a glance.
//
// Most conditions ask one thing of each of several paths, joined by `and`, and such tests cannot exclude each other.
// The search for contradictions costs as much as all else in the check of a rule, so it is only made for the others.
// Neighbours: Contradiction.swift (the search), TestReading.swift.

internal import Machine

/// Paths of tests that were met, by a digest of their words.
private struct PathDigests {
    private var seen: [UInt64] = []
    private static var countMax: Int { 12 }

    /// False when it was there before, or there are too many to tell quickly.
    mutating func insert(_ digest: UInt64) -> Bool {
        guard seen.count < Self.countMax, !seen.contains(digest) else { return false }
        seen.append(digest)
        return true
    }
}

extension Checker {
    /// Whether each path is tested once, and each test may be passed. No proof of the contrary otherwise.
    func isPlainlyPossible(_ condition: NodeID, assumingTypes: Bool) -> Bool {
        var paths = PathDigests()
        if assumingTypes { _ = paths.insert(Self.digest(of: ["event", "type"])) }
        return isPlain(condition, &paths)
    }

    private func isPlain(_ node: NodeID, _ paths: inout PathDigests) -> Bool {
        switch kind(node) {
        case .and:
            guard tree.children(of: node).count == 2 else { return false }
            return isPlain(child(0, node), &paths) && isPlain(child(1, node), &paths)
        case .equal, .notEqual:
            return isLiteral(child(1, node)) && insert(child(0, node), &paths)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            // No text is below "".
            let bound = child(1, node)
            return isLiteral(bound) && kind(bound) != .string && insert(child(0, node), &paths)
        case .member: return insert(node, &paths)
        case .call:
            guard case .builtin(let call)? = callee(node), call.arguments.allSatisfy({ !$0.exists || isLiteral($0) })
            else { return false }
            return insert(call.receiver, &paths)
        default: return false
        }
    }

    private func isLiteral(_ node: NodeID) -> Bool {
        switch kind(node) {
        case .string, .integer, .float, .trueLiteral, .falseLiteral, .nullLiteral: true
        default: false
        }
    }

    private func insert(_ path: NodeID, _ paths: inout PathDigests) -> Bool {
        var digest = Self.digestStart
        return append(path, to: &digest) && paths.insert(digest)
    }

    /// `event.data.id`; `event.data["id"]` is the same one.
    private func append(_ path: NodeID, to digest: inout UInt64) -> Bool {
        switch kind(path) {
        case .name:
            Self.append(word(path), to: &digest)
            return true
        case .member:
            guard kind(child(1, path)) == .name, append(child(0, path), to: &digest) else { return false }
            Self.append(word(child(1, path)), to: &digest)
            return true
        case .index:
            guard kind(child(1, path)) == .string, append(child(0, path), to: &digest) else { return false }
            Self.append(tree.string(of: child(1, path)), to: &digest)
            return true
        default: return false
        }
    }

    private static let digestStart: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func append(_ word: String, to digest: inout UInt64) {
        for byte in word.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        digest = (digest ^ 0x2e) &* 0x100_0000_01b3
    }

    private static func digest(of words: [String]) -> UInt64 {
        words.reduce(into: digestStart) { append($1, to: &$0) }
    }
}
