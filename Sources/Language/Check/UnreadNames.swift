// UnreadNames.swift: in a deployment that has syntax errors, which names may be missing because of them.
//
// One cause, one message: what a part that could not be read may declare is not reported as missing. But a name
// that those parts do not even spell as a declaration is missing in any case, and is said in the same run.
// Neighbours: Checker+Names.swift and its like (ask), SyntaxTree.swift (knows where the errors are).

internal import Diagnostics

extension Declarations {
    /// Names that stand behind another word at a line's beginning, or behind a declaring word anywhere, outside of
    /// the declarations that were read whole.
    func readUnreadNames() -> Set<String> {
        var names: Set<String> = []
        for file in files where file.tree.hasErrors {
            let bytes = file.source.bytes
            var start = 0
            if file.tree.root.exists, file.tree.kind(of: file.tree.root) == .file {
                for node in file.tree.children(of: file.tree.root) {
                    let range = file.tree.range(of: node)
                    guard file.tree.isIntact(range), Int(range.start) >= start else { continue }
                    Self.collect(bytes[start..<Int(range.start)], into: &names)
                    start = Int(range.end)
                }
            }
            Self.collect(bytes[min(start, bytes.count)...], into: &names)
        }
        return names
    }

    private static let declaringWords: Set<String> = [
        "let", "var", "fn", "handler", "record", "database", "store", "topic", "app", "service", "binding", "settings",
        "lock",
    ]
    private static let otherWords: Set<String> = [
        "return", "retry", "drop", "fail", "if", "else", "for", "in", "not", "and", "or", "match", "catch", "where",
        "on", "update", "transaction", "otherwise", "as",
    ]

    private static func collect(_ bytes: ArraySlice<UInt8>, into names: inout Set<String>) {
        var before: (text: String, beginsLine: Bool)?
        var beginsLine = true
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            if isWordByte(byte) {
                let start = position
                while position < bytes.endIndex, isWordByte(bytes[position]) { position += 1 }
                let word = String(decoding: bytes[start..<position], as: UTF8.self)
                if let before,
                    declaringWords.contains(before.text)
                        || (before.beginsLine && !otherWords.contains(before.text))
                {
                    names.insert(word)
                }
                before = (word, beginsLine)
                beginsLine = false
                continue
            }
            position += 1
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { continue }
            before = nil
            beginsLine = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: ";")
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension Checker {
    /// Whether a name that nothing declares may be missing because of a syntax error.
    func mayBeUnread(_ name: String) -> Bool {
        guard declarations.hasErrors else { return false }
        let names = unreadNames ?? declarations.readUnreadNames()
        unreadNames = names
        return names.contains(name)
    }

    /// The same for a name that may also be a local one: in a declaration with an error its binding may be unread.
    func mayBeUnreadLocal(_ node: NodeID) -> Bool {
        declarations.hasErrors && (!isIntact(around: range(node)) || mayBeUnread(word(node)))
    }

    /// Whether the declaration of this file that holds the place was read without an error.
    func isIntact(around place: SourceRange) -> Bool {
        guard tree.hasErrors, tree.root.exists else { return !tree.hasErrors }
        let all = tree.children(of: tree.root)
        var low = all.startIndex
        var high = all.endIndex
        while high - low > 1 {
            let middle = (low + high) / 2
            if range(all[middle]).start <= place.start { low = middle } else { high = middle }
        }
        return low < all.endIndex && tree.isIntact(range(all[low]))
    }
}
