// Tidy+Words.swift: words that do not stand in the house, and words that stand only with a reason beside them.

extension Tidy {
    static let bannedNames = ["Utils", "Util", "Common", "Helpers", "Helper", "Core", "Manager"]

    /// Junk drawers: as a folder, a file, or the end of a type's name.
    static func nameFindings(in source: SwiftSource) -> [Finding] {
        var findings: [Finding] = []
        for part in source.path.split(separator: "/") {
            let name = part.hasSuffix(".swift") ? part.dropLast(6) : part
            for banned in bannedNames
            where name == banned || name.hasSuffix(banned) || name.hasPrefix("\(banned)+") {
                findings.append(
                    Finding(
                        rule: .names, path: source.path, line: 1,
                        message: "`\(part)`: `\(banned)` says nothing; name it after what it holds"))
                break
            }
        }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
        for (token, next) in zip(source.tokens, source.tokens.dropFirst()) where kinds.contains(token.text) {
            guard let banned = bannedNames.first(where: { next.text.hasSuffix($0) }) else { continue }
            findings.append(
                Finding(
                    rule: .names, path: source.path, line: next.line,
                    message: "`\(next.text)`: `\(banned)` says nothing; name it after what it is"))
        }
        return findings
    }

    /// `x!`, `try!`, `as!` and types with `!`.
    static func forceFindings(in source: SwiftSource) -> [Finding] {
        var findings: [Finding] = []
        for (index, token) in source.tokens.enumerated()
        where token.text == "!" && token.touchesPrevious && index > 0 {
            let before = source.tokens[index - 1].text
            guard let last = before.utf8.last, isOperandEnd(last) else { continue }
            if index + 1 < source.tokens.count {
                let next = source.tokens[index + 1]
                if next.text == "=", next.touchesPrevious { continue }
            }
            findings.append(
                Finding(
                    rule: .force, path: source.path, line: token.line,
                    message:
                        "`\(before)!`: say what happens when it is not there (`guard let`, typed `throws`)"))
        }
        return findings
    }

    private static func isOperandEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: ")"),
            UInt8(ascii: "]"), UInt8(ascii: "\""):
            true
        default: false
        }
    }

    /// `package` is the widest door; classes are final.
    static func accessFindings(in source: SwiftSource) -> [Finding] {
        var findings: [Finding] = []
        let tokens = source.tokens
        let declares: Set<Substring> = [
            "func", "var", "let", "struct", "class", "enum", "protocol", "init", "static", "final",
            "extension",
            "typealias", "import", "subscript", "actor",
        ]
        for (index, token) in tokens.enumerated() where index + 1 < tokens.count {
            let next = tokens[index + 1].text
            switch token.text {
            case "public", "open", "fileprivate":
                guard declares.contains(next) || next == "(" && token.text != "open" else { continue }
                findings.append(
                    Finding(
                        rule: .access, path: source.path, line: token.line,
                        message: "`\(token.text)`: use `package` for neighbours, `private` for the file"))
            case "class":
                guard next.first?.isUppercase == true, !isFinal(index, in: tokens) else { continue }
                findings.append(
                    Finding(
                        rule: .access, path: source.path, line: token.line,
                        message: "`class \(next)` is not final: the house has no inheritance"))
            default: break
            }
        }
        return findings
    }

    private static func isFinal(_ index: Int, in tokens: [Token]) -> Bool {
        tokens[..<index].reversed().prefix { $0.line == tokens[index].line }.contains { $0.text == "final" }
    }

    /// What the compiler is told to believe carries a line that a reader can refute.
    static func safetyFindings(in source: SwiftSource) -> [Finding] {
        var findings: [Finding] = []
        let safeLines = Set(source.comments.filter { $0.text.contains("SAFETY:") }.map(\.line))
        let commentLines = Set(source.comments.map(\.line))
        let tokens = source.tokens
        let codeLines = Set(tokens.map(\.line))
        for (index, token) in tokens.enumerated() where index + 2 < tokens.count {
            let claim: String
            switch token.text {
            case "unchecked" where index > 0 && tokens[index - 1].text == "@":
                claim = "@unchecked \(tokens[index + 1].text)"
            case "nonisolated" where tokens[index + 2].text == "unsafe": claim = "nonisolated(unsafe)"
            default: continue
            }
            var line = token.line
            // Up through the lines of the same declaration and the comment above it.
            while line > 1, !safeLines.contains(line), token.line - line < 16,
                commentLines.contains(line - 1) || codeLines.contains(line - 1) && token.line - line < 3
            {
                line -= 1
            }
            guard !safeLines.contains(line) else { continue }
            findings.append(
                Finding(
                    rule: .safety, path: source.path, line: token.line,
                    message: "`\(claim)` without a `SAFETY:` line that says why it holds"))
        }
        return findings
    }

    /// The rooms below the sockets are pure: they wait for nothing and read no clock.
    static let pureRooms: Set<String> = ["Diagnostics", "Machine", "Routing", "Tokens", "Protobuf", "Language", "Wire"]

    static func purityFindings(in source: SwiftSource) -> [Finding] {
        guard let room = source.room, pureRooms.contains(room) else { return [] }
        let impure: Set<Substring> = [
            "async", "await", "Task", "actor", "ContinuousClock", "SuspendingClock", "clock_gettime",
            "socket",
        ]
        var findings: [Finding] = []
        for (index, token) in source.tokens.enumerated() where impure.contains(token.text) {
            // A member or a label of that name is no clock and no waiting.
            if index > 0, source.tokens[index - 1].text == "." { continue }
            if index + 1 < source.tokens.count, source.tokens[index + 1].text == ":" { continue }
            findings.append(
                Finding(
                    rule: .purity, path: source.path, line: token.line,
                    message:
                        "`\(token.text)` in `\(room)`: this room waits for nothing; time and bytes are parameters"
                ))
        }
        return findings
    }

    /// A file opens with its purpose; a builtin's is its summary.
    static func openingFindings(in source: SwiftSource) -> [Finding] {
        guard !source.path.contains("/Builtins/"), source.comments.first?.line != 1 else { return [] }
        return [
            Finding(
                rule: .leftovers, path: source.path, line: 1,
                message: "the file does not open with a comment that says what it is for")
        ]
    }

    static func leftoverFindings(in source: SwiftSource) -> [Finding] {
        source.comments.compactMap { comment in
            guard let word = ["TODO", "FIXME", "XXX"].first(where: { comment.text.contains($0) }) else {
                return nil
            }
            return Finding(
                rule: .leftovers, path: source.path, line: comment.line,
                message: "`\(word)`: finish it, or leave it out and say so in the docs")
        }
    }

    /// Folders of one person's machine mean nothing on another.
    static func machinePathFindings(in file: File) -> [Finding] {
        let roots = ["home", "root", "Users", "work", "workspace"].map { "/\($0)/" }
        var findings: [Finding] = []
        for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for root in roots {
                guard let range = line.firstRange(of: root) else { continue }
                let before =
                    range.lowerBound == line.startIndex ? " " : line[line.index(before: range.lowerBound)]
                guard !before.isLetter, !before.isNumber, !"./}_-)".contains(before) else { continue }
                findings.append(
                    Finding(
                        rule: .machinePaths, path: file.path, line: number + 1,
                        message: "`\(root)…` is a folder of one machine"))
            }
        }
        return findings
    }
}
