// TreeComparison.swift: whether two trees say the same, wherever their words stand.

enum TreeComparison {
    /// Both trees' words are of one symbol table.
    static func areEqual(_ left: SyntaxTree, _ right: SyntaxTree) -> Bool {
        var open = [(left.root, right.root)]
        while let (first, second) = open.popLast() {
            guard first.exists, second.exists else {
                if first.exists || second.exists { return false }
                continue
            }
            let kind = left.kind(of: first)
            guard kind == right.kind(of: second), left.flag(of: first) == right.flag(of: second) else { return false }
            switch kind {
            case .name: if left.symbol(of: first) != right.symbol(of: second) { return false }
            case .integer, .size, .duration: if left.integer(of: first) != right.integer(of: second) { return false }
            case .float: if left.float(of: first) != right.float(of: second) { return false }
            case .string: if !areEqual(left.string(of: first), right.string(of: second)) { return false }
            default:
                let below = left.children(of: first)
                let other = right.children(of: second)
                guard below.count == other.count else { return false }
                open += zip(below, other)
            }
        }
        return true
    }

    /// Byte for byte: `String` takes canonically equivalent spellings for equal.
    private static func areEqual(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
