// SQLTemplate.swift: the lexical scan of an SQL text, which finds what no statement may contain.
//
// Always on, with or without a database: an unbalanced quote, a second statement, and `${…}` inside quotes or
// comments, where it would be text and not a bound parameter. PostgreSQL's lexical rules (section 4.1 of its
// manual): '…' with '' , E'…' with \', "…", $tag$…$tag$, -- and nested /* */.

/// Where a scan is, and what it has met. Feed the pieces in order, `parameter()` between them.
struct SQLScanner {
    enum Problem: Equatable {
        case interpolationInside(String)
        case unbalanced(String)
        case severalStatements
        case placeholder(String)
        case empty
    }
    private enum State: Equatable {
        case plain
        case quoted(escapes: Bool)
        case identifier
        case dollar(tag: [UInt8])
        case lineComment
        case blockComment(depth: Int)
    }
    private var state = State.plain
    private var statementEnded = false
    private var sawText = false
    private var previous: UInt8 = 0

    /// What the scan stands in, as people say it; nil in plain SQL.
    private var enclosure: String? {
        switch state {
        case .plain: nil
        case .quoted: "a quoted string"
        case .identifier: "a quoted identifier"
        case .dollar: "a dollar-quoted string"
        case .lineComment, .blockComment: "a comment"
        }
    }

    /// A `${…}` stands here.
    mutating func parameter() -> Problem? {
        sawText = true
        previous = UInt8(ascii: "0")
        if let enclosure { return .interpolationInside(enclosure) }
        return statementEnded ? .severalStatements : nil
    }

    mutating func finish() -> Problem? {
        if case .lineComment = state { state = .plain }
        if let enclosure { return .unbalanced(enclosure) }
        return sawText ? nil : .empty
    }

    /// Scans one literal piece; the first problem ends it.
    ///
    /// - Parameter plain: is given each byte of plain SQL, and nil for each of all else.
    mutating func scan(_ text: String, plain: (UInt8?) -> Void = { _ in }) -> Problem? {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let wasPlain = state == .plain
            if let problem = step(bytes, &index) { return problem }
            plain(wasPlain && state == .plain ? byte : nil)
        }
        return nil
    }

    private mutating func step(_ bytes: [UInt8], _ index: inout Int) -> Problem? {
        let byte = bytes[index]
        let next: UInt8 = index + 1 < bytes.count ? bytes[index + 1] : 0
        defer { previous = byte }
        switch state {
        case .plain: return plain(byte, next, bytes, &index)
        case .quoted(let escapes):
            if escapes, byte == UInt8(ascii: "\\") {
                index += 2
            } else if byte == UInt8(ascii: "'"), next == byte {
                index += 2
            } else {
                if byte == UInt8(ascii: "'") { state = .plain }
                index += 1
            }
        case .identifier:
            if byte == UInt8(ascii: "\""), next == byte {
                index += 2
            } else {
                if byte == UInt8(ascii: "\"") { state = .plain }
                index += 1
            }
        case .dollar(let tag):
            if bytes[index...].starts(with: tag) {
                state = .plain
                index += tag.count
            } else {
                index += 1
            }
        case .lineComment:
            if byte == UInt8(ascii: "\n") { state = .plain }
            index += 1
        case .blockComment(let depth): comment(byte, next, depth, &index)
        }
        return nil
    }

    private mutating func comment(_ byte: UInt8, _ next: UInt8, _ depth: Int, _ index: inout Int) {
        if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
            state = depth == 1 ? .plain : .blockComment(depth: depth - 1)
            index += 2
        } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
            state = .blockComment(depth: depth + 1)
            index += 2
        } else {
            index += 1
        }
    }

    private mutating func plain(_ byte: UInt8, _ next: UInt8, _ bytes: [UInt8], _ index: inout Int) -> Problem? {
        if byte == UInt8(ascii: "-"), next == byte {
            state = .lineComment
            index += 2
            return nil
        }
        if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
            state = .blockComment(depth: 1)
            index += 2
            return nil
        }
        if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            index += 1
            return nil
        }
        if statementEnded { return .severalStatements }
        index += 1
        switch byte {
        case UInt8(ascii: ";"):
            statementEnded = true
            return nil
        case UInt8(ascii: "'"):
            state = .quoted(escapes: previous == UInt8(ascii: "E") || previous == UInt8(ascii: "e"))
        case UInt8(ascii: "\""): state = .identifier
        case UInt8(ascii: "$"):
            if let problem = dollar(bytes, &index) { return problem }
        default: break
        }
        sawText = true
        return nil
    }

    /// After a `$`: a tag opens a string, a digit is a placeholder that only the template may write.
    private mutating func dollar(_ bytes: [UInt8], _ index: inout Int) -> Problem? {
        if Self.isNameByte(previous) { return nil }
        if index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return .placeholder("$" + String(decoding: digits, as: UTF8.self))
        }
        let name = bytes[index...].prefix(while: Self.isNameByte)
        let end = index + name.count
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return nil }
        state = .dollar(tag: [UInt8(ascii: "$")] + name + [UInt8(ascii: "$")])
        index = end + 1
        return nil
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: false
        }
    }
}
