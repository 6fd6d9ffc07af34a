// Checker+Patterns.swift: the regular expressions of `matches` and `capture`, compiled as they are checked.
//
// Each text is compiled once for the deployment; the lowering hands the result on to the program.
// Neighbours: Machine/Pattern.swift (RE2), Checker+Builtins.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    /// A pattern's argument: known at load, and good.
    func checkPattern(_ value: NodeID, of method: String) {
        guard case .string(let text)? = fold(value) else {
            report(.patternFromData(method, at: range(value)))
            return
        }
        let pattern: Pattern
        if let known = compiledPatterns[ByteText(text)] {
            pattern = known
        } else {
            do throws(PatternError) {
                pattern = try Pattern(text)
            } catch {
                let part = String(decoding: Array(text.utf8)[error.part], as: UTF8.self)
                report(.badRegularExpression(error, written: part, at: place(of: error.part, in: value, text: text)))
                return
            }
            compiledPatterns[ByteText(text)] = pattern
        }
        patterns[key(value)] = pattern
        if method == "capture", pattern.groups.isEmpty { report(.nothingToCapture(at: range(value))) }
    }

    /// Inside the literal where its text stands as it is written; else all of it.
    private func place(of part: Range<Int>, in value: NodeID, text: String) -> SourceRange {
        let whole = range(value)
        guard kind(value) == .string, !part.isEmpty else { return whole }
        let written = declarations.files[file].source.bytes[Int(whole.start)..<Int(whole.end)]
        // `"…"` or `r"…"`; with escapes or in several lines the two differ.
        guard let opening = written.firstIndex(of: UInt8(ascii: "\"")),
            written[(opening + 1)...].dropLast().elementsEqual(text.utf8)
        else { return whole }
        let start = UInt32(opening + 1 + part.lowerBound)
        return SourceRange(file: whole.file, start: start, end: start + UInt32(part.count))
    }
}

extension Diagnostic {
    static func patternFromData(_ method: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badRegularExpression, title: "a pattern must be known at load",
            primary: Label(range, "`\(method)` takes a string literal or a top-level `let` of one"),
            help: [
                "patterns are compiled once a deployment; for texts from data use `contains`, `like` or `starts_with`"
            ])
    }

    /// - Parameter written: the part that is to blame.
    static func badRegularExpression(_ error: PatternError, written: String, at range: SourceRange) -> Diagnostic {
        var help = ["patterns are in RE2's syntax; write them raw, as in r\"^\\d+$\""]
        let isBackReference = written.hasPrefix("\\") && written.dropFirst().first?.isNumber == true
        if error.reason.hasPrefix("invalid perl operator") || isBackReference {
            help = [
                "RE2 has no look-around and no back-references: it matches in linear time; test a second pattern beside it"
            ]
        } else if error.reason.hasPrefix("pattern too large") {
            help = ["a pattern may take \(Pattern.memoryBytesMax / 1024) kB; use smaller repetitions, or two patterns"]
        }
        return Diagnostic(
            code: .badRegularExpression, title: "this is not a regular expression",
            primary: Label(range, error.reason), help: help)
    }

    static func nothingToCapture(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badRegularExpression, title: "this pattern captures nothing",
            primary: Label(range, "it has no group"),
            help: ["put `( )` or `(?P<name> )` round what is wanted, or use `matches`"])
    }
}
