// CommentMap.swift: which comment stands before which token, and which behind one on its line.

internal import Diagnostics

struct CommentMap {
    struct Comment {
        /// Without trailing blanks.
        let bytes: Range<Int>
        /// A blank line stands between it and what comes next.
        let hasBlankAfter: Bool
    }

    /// On lines of their own, before the token.
    private var before: [Int: [Comment]] = [:]
    /// Behind the token, on its line.
    private var behind: [Int: Comment] = [:]
    /// Tokens with a blank line before them and their comments.
    private var blankBefore: Set<Int> = []

    /// Comments inside of a string's `${ }` are left out: they stay where they are.
    init(_ comments: [SourceRange], tokens: [Token], bytes: [UInt8]) {
        var next = 0
        var depth = 0
        for (index, token) in tokens.enumerated() {
            var end = index == 0 ? 0 : Int(tokens[index - 1].end)
            if token.kind == .textMiddle || token.kind == .textTail { depth -= 1 }
            var isFirst = true
            while next < comments.count, comments[next].start < token.start {
                let start = Int(comments[next].start)
                let whole = start..<Int(comments[next].end)
                let kept = Self.trimmed(bytes[whole])
                next += 1
                if depth == 0, token.kind != .textMiddle, token.kind != .textTail {
                    let following = next < comments.count ? min(comments[next].start, token.start) : token.start
                    let comment = Comment(
                        bytes: kept.startIndex..<kept.endIndex,
                        hasBlankAfter: Self.lineEnds(bytes, whole.upperBound, Int(following)) > 1)
                    if index > 0, Self.lineEnds(bytes, end, start) == 0 {
                        behind[index - 1] = comment
                    } else {
                        if isFirst, Self.lineEnds(bytes, end, start) > 1 { blankBefore.insert(index) }
                        isFirst = false
                        before[index, default: []].append(comment)
                    }
                }
                end = whole.upperBound
            }
            if isFirst, Self.lineEnds(bytes, end, Int(token.start)) > 1 { blankBefore.insert(index) }
            if token.kind == .textHead || token.kind == .textMiddle { depth += 1 }
        }
    }

    func hasBlankBefore(_ token: Int) -> Bool { blankBefore.contains(token) }
    func isEmpty(before token: Int) -> Bool { before[token] == nil }

    /// Each comment is handed out once.
    mutating func takeBefore(_ token: Int) -> [Comment] { before.removeValue(forKey: token) ?? [] }
    mutating func takeBehind(_ token: Int) -> Comment? { behind.removeValue(forKey: token) }

    static func trimmed(_ comment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var kept = comment
        while let last = kept.last, last.isBlank { kept.removeLast() }
        return kept
    }

    private static func lineEnds(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int {
        guard start < end else { return 0 }
        return bytes[start..<end].count { $0 == UInt8(ascii: "\n") }
    }
}
