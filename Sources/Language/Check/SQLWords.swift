// SQLWords.swift: the plain words of an SQL text: those outside of strings, quoted names and comments.
//
// Enough to tell whether a statement changes rows by itself; what a function called by it does, nobody can see here.
// Neighbours: SQLTemplate.swift (the scan that tells where plain text is), WritingUnits.swift.

package enum SQLWords {
    private static let changing: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CALL"]
    /// `SELECT … FOR UPDATE`, `FOR NO KEY UPDATE` lock, and `ON UPDATE`, `ON DELETE` describe.
    private static let harmlessBehind: Set<String> = ["FOR", "KEY", "ON"]

    /// Whether the statement is, or holds, one that changes rows.
    package static func changesRows(_ text: String) -> Bool {
        var before = ""
        for word in words(of: text) {
            if changing.contains(word), !harmlessBehind.contains(before) { return true }
            before = word
        }
        return false
    }

    /// In upper case, in order.
    private static func words(of text: String) -> [String] {
        var scanner = SQLScanner()
        var words: [String] = []
        var word: [UInt8] = []
        _ = scanner.scan(text) { byte in
            if let byte, SQLScanner.isNameByte(byte) {
                word.append(byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte)
            } else if !word.isEmpty {
                words.append(String(decoding: word, as: UTF8.self))
                word = []
            }
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
