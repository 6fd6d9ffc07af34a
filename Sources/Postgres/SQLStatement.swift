// SQLStatement.swift: the text of a statement, with a key that is cheap to look up.
//
// The text is a literal of the deployment with `$1 …` in it; data never becomes part of it.
// Neighbours: PreparedStatements (keyed by it, per connection), Engine (makes one per effect site at load).

/// One statement's text. Equal texts are equal statements, across reloads too.
package struct SQLStatement: Sendable, Hashable {
    package let text: String
    /// Computed once: hashing the text on every execution would cost more than the look-up.
    private let textHash: Int
    /// Why the pool will not run it; nil for an ordinary statement.
    package let refusal: String?

    package init(_ text: String) {
        self.text = text
        textHash = text.hashValue
        refusal = Self.refusal(of: text)
    }

    /// What only `PostgresTransaction` sends.
    private init(ownText text: String) {
        self.text = text
        textHash = text.hashValue
        refusal = nil
    }
    static let begin = SQLStatement(ownText: "BEGIN")
    static let commit = SQLStatement(ownText: "COMMIT")
    static let rollback = SQLStatement(ownText: "ROLLBACK")

    package static func == (left: Self, right: Self) -> Bool {
        left.textHash == right.textHash && left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(textHash) }

    /// What comes back from a statement.
    package enum Mode: Sendable {
        /// The number of affected rows, as int.
        case execute
        /// The first row as an object by column name, or null.
        case one
        /// All rows, as a list of objects.
        case rows
    }
}

extension SQLStatement {
    /// Statements share their connection with others and each is a transaction of its own: what opens or ends a
    /// transaction, changes the session or takes over the connection would hit the neighbours.
    private static func refusal(of text: String) -> String? {
        let bytes = Array(text.utf8)
        if bytes.contains(0) { return "a NUL character is not possible here: PostgreSQL would read no further" }
        let word = firstWord(of: bytes).uppercased()
        switch word {
        case "":
            return "the statement is empty"
        case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
            return "`\(word)` is not possible here: every statement is a transaction of its own, or stands in the block"
                + " of a `transaction`"
        case "SET", "RESET", "DISCARD", "LISTEN", "UNLISTEN", "PREPARE", "EXECUTE", "DEALLOCATE", "DECLARE",
            "FETCH", "MOVE", "CLOSE", "LOAD":
            return "`\(word)` is not possible here: it changes the session, which other statements share"
        case "COPY":
            return "`COPY` is not possible here: it takes the whole connection; use INSERT"
        default:
            return nil
        }
    }

    /// The first word after blanks, comments and opening brackets.
    private static func firstWord(of bytes: [UInt8]) -> String {
        var index = 0
        while index < bytes.count {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x0c,
                UInt8(ascii: "("), UInt8(ascii: ";"):
                index += 1
            case UInt8(ascii: "-") where next == UInt8(ascii: "-"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
                index = endOfBlockComment(in: bytes, from: index)
            default:
                let rest = bytes[index...]
                let word = rest.prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
                return word.isEmpty ? "?" : String(decoding: word, as: UTF8.self)
            }
        }
        return ""
    }

    /// PostgreSQL's block comments nest.
    private static func endOfBlockComment(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "/"), bytes[index + 1] == UInt8(ascii: "*") {
                depth += 1
                index += 2
            } else if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") {
                depth -= 1
                index += 2
                if depth == 0 { return index }
            } else {
                index += 1
            }
        }
        return bytes.count
    }
}
