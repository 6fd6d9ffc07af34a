// Formatter.swift: `patchbay fmt`: one canonical form of a file.
//
// Works on tokens, with the tree to tell a type's brace from a block's and a sign from an operator. Line breaks that
// the author chose stay, indents, spaces, blank lines, trailing commas and columns are ours. Tokens are never
// reordered, so the meaning cannot change: tests compare the trees, and format everything twice.
// Neighbours: FormatterRoles.swift (what a bracket is), FormatterSpacing.swift, FormatterLines.swift (columns).

package import Diagnostics

package struct Formatter {
    /// The canonical text, or nil when the file has errors: what cannot be read is not touched.
    package static func format(_ source: SourceFile) -> (text: String?, diagnostics: [Diagnostic]) {
        var symbols = SymbolTable()
        let id = SourceFileID(0)
        let (tree, diagnostics) = Parser.parse(source, id: id, symbols: &symbols)
        guard diagnostics.isEmpty else { return (nil, diagnostics) }
        var lexer = Lexer(bytes: source.bytes, file: id)
        lexer.run(symbols: &symbols)
        var formatter = Formatter(bytes: source.bytes, tokens: lexer.tokens, tree: tree)
        formatter.run()
        return (formatter.lines.text, [])
    }

    /// An open bracket: where what is in it begins, and where its closer stands.
    private struct Open {
        let token: Int
        let lineIndent: Int
        let role: FormatterRoles.Role
        /// It has line ends inside: its items stand on their own lines.
        let isTall: Bool
    }

    let bytes: [UInt8]
    let tokens: [Token]
    let roles: FormatterRoles
    private let comments: [SourceRange]
    private var nextComment = 0
    private var open: [Open] = []
    private var lines = FormatterLines()
    /// The last token that was written; -1 at the beginning.
    private var written = -1
    private var mustBreak = false

    private init(bytes: [UInt8], tokens: [Token], tree: SyntaxTree) {
        self.bytes = bytes
        self.tokens = tokens
        comments = tree.comments
        roles = FormatterRoles(tree)
    }

    private mutating func run() {
        for index in 0..<tokens.count - 1 { write(index) }
        writeComments(before: tokens.count - 1)
    }

    private mutating func write(_ index: Int) {
        let token = tokens[index]
        let hadComments = writeComments(before: index)
        if token.kind == .semicolon, dropsSemicolon(index) {
            if token.beginsLine || open.last?.isTall == true { mustBreak = true }
            return
        }
        if token.kind == .comma, dropsComma(index) {
            if let last = open.last, last.role == .lines, last.isTall { mustBreak = true }
            return
        }
        if breaksLine(before: index, hadComments: hadComments) {
            beginLine(index)
        } else if written >= 0, needsSpace(written, index) {
            lines.append(" ")
        }
        mustBreak = false
        if isCloser(token.kind) { open.removeLast() }
        noteColumns(index)
        lines.append(text(of: index))
        written = index
        if isOpener(token.kind) { push(index) }
        if let last = open.last, last.isTall, wantsTrailingComma(after: index, in: last) { lines.append(",") }
    }

    // Lines.

    private mutating func beginLine(_ index: Int) {
        lines.begin(indent: indent(of: index), hasBlankBefore: hasBlank(before: Int(tokens[index].start), index))
    }

    private func breaksLine(before index: Int, hadComments: Bool) -> Bool {
        guard written >= 0 else { return true }
        let token = tokens[index]
        if hadComments || (mustBreak && !isEmptyBracket(closer: index)) { return true }
        if token.kind == .else, tokens[written].kind == .rightBrace { return false }
        if let last = open.last, last.isTall {
            if last.token == index - 1 { return true }
            if Int(tokens[last.token].payload) == index { return true }
        }
        if open.isEmpty, tokens[index - 1].kind == .semicolon { return true }
        if isEmptyBracket(closer: index) { return false }
        return token.beginsLine
    }

    private func isEmptyBracket(closer index: Int) -> Bool {
        isCloser(tokens[index].kind) && written == index - 1 && isOpener(tokens[written].kind)
    }

    private func indent(of index: Int) -> Int {
        guard let last = open.last else { return isContinuation(index) ? 4 : 0 }
        if isCloser(tokens[index].kind) { return last.lineIndent }
        return last.lineIndent + 2 + (isContinuation(index) ? 4 : 0)
    }

    /// The line goes on with the statement or item of the line before.
    private func isContinuation(_ index: Int) -> Bool {
        guard written >= 0, open.last?.token != written else { return false }
        let kind = tokens[index].kind
        if kind == .else { return false }
        if kind.continuesLine || (kind == .not && tokens[index + 1].kind == .in) { return !isName(index) }
        switch tokens[written].kind {
        case .comma: return open.last.map { $0.role == .rules } ?? true
        case .semicolon, .textHead, .textMiddle: return false
        case .colon, .assign, .addAssign, .subtractAssign, .multiplyAssign, .divideAssign, .fatArrow, .arrow, .minus,
            .dot, .questionDot:
            return true
        case .and, .or, .not, .in, .catch, .where: return !isName(written)
        default: return Precedence.of(tokens[written].kind) != nil && !isName(written)
        }
    }

    /// At most one blank line, none behind an opener, none before a closer.
    private func hasBlank(before offset: Int, _ index: Int) -> Bool {
        guard written >= 0 || nextComment > 0 else { return false }
        if written >= 0, open.last?.token == written, !lines.endsWithComment { return false }
        if index < tokens.count, isCloser(tokens[index].kind) { return false }
        var position = offset
        var ends = 0
        while position > 0, bytes[position - 1] <= UInt8(ascii: " ") {
            position -= 1
            if bytes[position] == UInt8(ascii: "\n") { ends += 1 }
        }
        return ends > 1
    }

    // Comments.

    /// Those that stand before a token: behind the line before, or on lines of their own. True when there were any.
    @discardableResult
    private mutating func writeComments(before index: Int) -> Bool {
        var any = false
        while nextComment < comments.count, comments[nextComment].start < tokens[index].start || tokens[index].kind == .endOfFile {
            let comment = comments[nextComment]
            let text = commentText(comment)
            if written >= 0, !any, isOnLineOfWritten(comment) {
                lines.setComment(text)
            } else {
                lines.begin(indent: commentIndent(index), hasBlankBefore: hasBlank(before: Int(comment.start), tokens.count))
                lines.append(text)
                lines.endsWithComment = true
            }
            nextComment += 1
            any = true
        }
        return any
    }

    private func commentText(_ comment: SourceRange) -> String {
        var end = Int(comment.end)
        while end > Int(comment.start), bytes[end - 1] == UInt8(ascii: " ") || bytes[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        let text = String(decoding: bytes[Int(comment.start)..<end], as: UTF8.self)
        let begins = text.utf8.dropFirst().first
        return begins == nil || begins == UInt8(ascii: " ") || begins == UInt8(ascii: "#") || begins == UInt8(ascii: "!")
            ? text : "# " + text.dropFirst()
    }

    private func isOnLineOfWritten(_ comment: SourceRange) -> Bool {
        !bytes[Int(tokens[written].end)..<Int(comment.start)].contains(UInt8(ascii: "\n"))
    }

    private func commentIndent(_ index: Int) -> Int {
        guard let last = open.last else { return 0 }
        return last.lineIndent + 2
    }

    // Brackets and separators.

    private func isOpener(_ kind: TokenKind) -> Bool { kind.isOpener }
    private func isCloser(_ kind: TokenKind) -> Bool {
        switch kind {
        case .rightParen, .rightBracket, .rightBrace, .textMiddle, .textTail: true
        default: false
        }
    }

    private mutating func push(_ index: Int) {
        let closer = Int(tokens[index].payload)
        let role = roles.role(opener: tokens[index], closer: tokens[closer])
        open.append(Open(token: index, lineIndent: lines.indent, role: role, isTall: isTall(index, closer, role)))
    }

    /// A brace with a line end anywhere inside is tall; other brackets when a line end stands behind the opener or
    /// before the closer.
    private func isTall(_ opener: Int, _ closer: Int, _ role: FormatterRoles.Role) -> Bool {
        guard closer > opener + 1 || hasComment(opener, closer), tokens[opener].kind != .textHead, tokens[opener].kind != .textMiddle
        else { return false }
        if tokens[opener].kind == .leftBrace, role != .type {
            return hasComment(opener, closer) || (opener + 1...closer).contains { tokens[$0].beginsLine }
        }
        return tokens[opener + 1].beginsLine || tokens[closer].beginsLine
    }

    private func hasComment(_ opener: Int, _ closer: Int) -> Bool {
        var low = 0
        var high = comments.count
        while low < high {
            let middle = (low + high) / 2
            if comments[middle].start < tokens[opener].end { low = middle + 1 } else { high = middle }
        }
        return low < comments.count && comments[low].start < tokens[closer].start
    }

    /// `;` stays only between two items on one line of a block.
    private func dropsSemicolon(_ index: Int) -> Bool {
        let next = tokens[index + 1]
        if open.last?.isTall == true { return true }
        return tokens[index].beginsLine || next.beginsLine || next.kind == .rightBrace || next.kind == .semicolon || open.isEmpty
            || open.last?.token == index - 1 || hasComment(index, index + 1)
    }

    /// The comma behind the last item of a bracket on one line, and those that a line end replaces.
    private func dropsComma(_ index: Int) -> Bool {
        guard let last = open.last else { return false }
        let next = index + 1
        if Int(tokens[last.token].payload) == next { return !last.isTall || last.role != .items }
        return last.role == .lines && last.isTall
    }

    private func wantsTrailingComma(after index: Int, in bracket: Open) -> Bool {
        guard bracket.role == .items, bracket.token != index, Int(tokens[bracket.token].payload) == index + 1 else { return false }
        return tokens[index].kind != .comma
    }

    // Columns.

    private mutating func noteColumns(_ index: Int) {
        switch tokens[index].kind {
        case .fatArrow:
            guard let last = open.last else { return lines.addStop(.endpoint) }
            lines.addStop(last.role == .rules ? .rule : .arm)
        case .assign where open.isEmpty && index > 0 && roles.stop(at: tokens[index - 1]) == .resourceName:
            lines.addStop(.resourceValue)
        default:
            if let stop = roles.stop(at: tokens[index]) { lines.addStop(stop) }
        }
    }

    // Text.

    private func text(of index: Int) -> String {
        let token = tokens[index]
        if token.kind == .greaterOrEqual, roles.isClosingAngle(token) { return "> =" }
        guard token.flags.contains(.isBlockText) else {
            return String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
        }
        var last = index
        while tokens[last].kind == .textHead || tokens[last].kind == .textMiddle { last = Int(tokens[last].payload) }
        var indentStart = Int(tokens[last].end) - 3
        while bytes[indentStart - 1] == UInt8(ascii: " ") || bytes[indentStart - 1] == UInt8(ascii: "\t") { indentStart -= 1 }
        return moved(token, from: Int(tokens[last].end) - 3 - indentStart)
    }

    /// A piece of a `"""` text, its lines indented so that the closing quotes stand below the line they belong to.
    private func moved(_ token: Token, from oldIndent: Int) -> String {
        let indent = String(repeating: " ", count: lines.textIndent)
        let piece = String(decoding: bytes[Int(token.start)..<Int(token.end)].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        var output = ""
        for (number, line) in piece.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if number == 0 {
                output += number == 0 && token.kind != .textMiddle && token.kind != .textTail ? trimmed(line) : String(line)
                continue
            }
            let content = line.dropFirst(min(oldIndent, line.prefix { $0 == " " || $0 == "\t" }.count))
            output += "\n" + (content.isEmpty ? "" : indent + content)
        }
        return output
    }

    /// The opening line may have blanks behind its quotes.
    private func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last == " " || line.last == "\t" { line.removeLast() }
        return String(line)
    }
}
