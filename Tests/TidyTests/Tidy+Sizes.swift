// Tidy+Sizes.swift: how long a file and a function may be.

extension Tidy {
    static let fileLinesMax = 600
    static let functionLinesMax = 60

    /// The dispatch switch of the machine is the one exemption; its cases are one line each.
    static let longFunctions: Set<String> = ["Sources/Machine/Fiber+Dispatch.swift"]

    static func fileLengthFindings(in source: SwiftSource) -> [Finding] {
        guard source.lineCount > fileLinesMax, !source.path.contains("/Generated/") else { return [] }
        return [
            Finding(
                rule: .sizes, path: source.path, line: source.lineCount,
                message: "\(source.lineCount) lines; a file has at most \(fileLinesMax)")
        ]
    }

    static func functionFindings(in source: SwiftSource) -> [Finding] {
        guard !longFunctions.contains(source.path) else { return [] }
        return functions(in: source).compactMap { function in
            let lines = function.lastLine - function.firstLine + 1
            guard lines > functionLinesMax else { return nil }
            return Finding(
                rule: .sizes, path: source.path, line: function.firstLine,
                message: "`\(function.name)` has \(lines) lines; a function has at most \(functionLinesMax)")
        }
    }

    struct Function {
        let name: String
        let firstLine: Int
        let lastLine: Int
    }

    /// Functions and initialisers that have a body.
    static func functions(in source: SwiftSource) -> [Function] {
        let tokens = source.tokens
        var functions: [Function] = []
        for (index, token) in tokens.enumerated() where token.text == "func" || token.text == "init" {
            let follows: Set<Substring> = ["(", "<", "?"]
            if token.text == "init" {
                guard index + 1 < tokens.count, follows.contains(tokens[index + 1].text),
                    index == 0 || tokens[index - 1].text != "."
                else { continue }
            }
            guard let body = bodyStart(after: index, in: tokens), let end = closing(of: body, in: tokens)
            else { continue }
            let name = token.text == "func" && index + 1 < tokens.count ? tokens[index + 1].text : token.text
            functions.append(Function(name: String(name), firstLine: token.line, lastLine: tokens[end].line))
        }
        return functions
    }

    /// The `{` of the function whose `func` stands at `start`; nil for a requirement of a protocol.
    private static func bodyStart(after start: Int, in tokens: [Token]) -> Int? {
        let openers: Set<Substring> = [
            "func", "init", "deinit", "var", "let", "static", "mutating", "package", "private", "case",
            "subscript",
            "associatedtype", "typealias", "extension", "struct", "enum", "protocol", "final", "class", "@",
        ]
        guard var index = tokens[start...].firstIndex(where: { $0.text == "(" }) else { return nil }
        while index < tokens.count {
            switch tokens[index].text {
            case "(", "[":
                guard let end = closing(of: index, in: tokens) else { return nil }
                index = end
            case "{": return index
            case "}": return nil
            default:
                let startsLine = tokens[index - 1].line < tokens[index].line
                if startsLine, openers.contains(tokens[index].text) { return nil }
            }
            index += 1
        }
        return nil
    }

    private static func closing(of start: Int, in tokens: [Token]) -> Int? {
        var depth = 0
        for index in start..<tokens.count {
            switch tokens[index].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}":
                depth -= 1
                if depth == 0 { return index }
            default: break
            }
        }
        return nil
    }
}
