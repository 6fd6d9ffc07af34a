// GrammarDiagnostics.swift: the words for what is wrong with the grammar (E02xx).
//
// Neighbours: Parser*.swift, which find it; TextDiagnostics.swift (E01xx).

internal import Diagnostics

extension Diagnostic {
    static func expected(_ wanted: String, at range: SourceRange, found: String, help: [String] = []) -> Diagnostic {
        Diagnostic(
            code: .expected, title: "expected \(wanted)", primary: Label(range, found), help: help)
    }

    static func unexpected(_ found: String, at range: SourceRange, because reason: String, help: [String] = [])
        -> Diagnostic
    {
        Diagnostic(code: .unexpected, title: "unexpected \(found)", primary: Label(range, reason), help: help)
    }

    static func unclosedBracket(_ opener: String, at range: SourceRange, others: [Label]) -> Diagnostic {
        let closer =
            switch opener {
            case "(": ")"
            case "[": "]"
            default: "}"
            }
        return Diagnostic(
            code: .unclosedBracket, title: "`\(opener)` is never closed",
            primary: Label(range, "no `\(closer)` belongs to it"), related: others)
    }

    static func strayBracket(_ closer: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .strayBracket, title: "`\(closer)` closes nothing",
            primary: Label(range, "no bracket is open that it could close"),
            help: ["remove it, or open the bracket where it should begin"])
    }

    static func reservedWord(_ word: String, at range: SourceRange, as role: String) -> Diagnostic {
        Diagnostic(
            code: .reservedWord, title: "`\(word)` is a reserved word",
            primary: Label(range, "it cannot be \(role)"),
            help: ["choose another name, such as `\(word)_`"])
    }

    static func nestingTooDeep(_ nestingMax: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .nestingTooDeep, title: "nested too deeply",
            primary: Label(range, "this is level \(nestingMax + 1) of at most \(nestingMax)"),
            help: [
                "move inner parts into a function; the rest of this file was not read",
                "or raise the limit with `--nesting`",
            ])
    }

    static func chainTooLong(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .nestingTooDeep, title: "this expression is too long",
            primary: Label(range, "it is built of more than \(treeHeightMax) parts, each in the next"),
            help: ["give parts of it names with `let`"])
    }

    static func objectInBlock(_ inner: String, block: SourceRange, at range: SourceRange) -> Diagnostic {
        let fits = !inner.contains("\n") && inner.count <= 60
        return Diagnostic(
            code: .objectInBlock, title: "this `{` opens a block, and an object stands in it",
            primary: Label(range, "`key: value` belongs into an object"),
            fix: Suggestion(
                range: block, replacement: "{ {\(inner)} }",
                text: fits ? "write a second pair of braces: `{ {\(inner)} }`" : "write a second pair of braces"))
    }

    static func missingSeparator(at range: SourceRange, what: String) -> Diagnostic {
        Diagnostic(
            code: .missingSeparator, title: "two \(what) on one line",
            primary: Label(range, "the one before ends here"),
            help: ["begin a new line, or write `;` between them"])
    }

    static func missingComma(at range: SourceRange, after place: SourceRange, closer: String) -> Diagnostic {
        Diagnostic(
            code: .missingComma, title: "expected `,` or `\(closer)`",
            primary: Label(range, "the item before ends here"),
            fix: Suggestion(
                range: SourceRange(file: place.file, start: place.end, end: place.end), replacement: ",",
                text: "write `,` between them"))
    }

    static func bracketOnNewLine(_ bracket: String, at range: SourceRange, owner: String) -> Diagnostic {
        Diagnostic(
            code: .bracketPlacement, title: "`\(bracket)` stands on the line of what it belongs to",
            primary: Label(range, "this line begins with it, so \(owner) ended on the line before"),
            help: ["move `\(bracket)` to the end of the line before"])
    }

    static func foreignKeyword(_ word: String, at range: SourceRange, instead: String, isExact: Bool) -> Diagnostic {
        Diagnostic(
            code: .foreignKeyword, title: "Bay has no `\(word)`",
            primary: Label(range, isExact ? "another language's word" : "this means nothing here"),
            help: isExact ? [] : [instead],
            fix: isExact
                ? Suggestion(range: range, replacement: instead, text: "replace `\(word)` with `\(instead)`") : nil)
    }

    static func assignmentInCondition(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .assignmentInCondition, title: "`=` does not compare",
            primary: Label(range, "a condition stands here"),
            fix: Suggestion(range: range, replacement: "==", text: "replace `=` with `==`"))
    }

    static func chainedComparison(at range: SourceRange, first: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .chainedComparison, title: "comparisons cannot be chained",
            primary: Label(range, "the second comparison"), related: [Label(first, "the first")],
            help: ["write `a < b and b < c`, or `b in a..c`"])
    }

    static func notAssignable(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .assignmentToValue, title: "only a `var` can be given another value",
            primary: Label(range, "this is not the name of a local"),
            help: ["values do not change; make a new one: `{ ...o, key: value }`"])
    }

    static func arrowBeforeBlock(arrow: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .arrowBeforeBlock, title: "after `=>` stands a value or a path, never a block",
            primary: Label(arrow, "a block needs no `=>`"),
            fix: Suggestion(range: arrow, replacement: "", text: "remove `=>`"))
    }

    static func openInterval(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .openInterval, title: "a range in `for` needs both ends",
            primary: Label(range, "this one is open"), help: ["`for i in 0..<10`"])
    }

    static func notLast(_ what: String, at range: SourceRange, last: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .notLast, title: "\(what) comes last", primary: Label(range, "this comes after it"),
            related: [Label(last, "it stands here")])
    }

    static func misplacedStatement(_ shown: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .misplacedItem, title: "a statement stands inside a handler or a function",
            primary: Label(range, "this stands outside of every declaration"),
            help: ["wrap it: `handler name(event) { … }`"])
    }

    static func misplacedDeclaration(_ word: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .misplacedItem, title: "`\(word)` stands outside of every block",
            primary: Label(range, "declarations cannot stand inside a block"),
            help: ["move it to the top level of the file"])
    }

    static func wrongSign(_ written: String, meant: String, at range: SourceRange, because reason: String)
        -> Diagnostic
    {
        Diagnostic(
            code: .wrongSign, title: "`\(meant)` stands here, not `\(written)`", primary: Label(range, reason),
            fix: Suggestion(range: range, replacement: meant, text: "replace `\(written)` with `\(meant)`"))
    }

    static func prefixedString(_ prefix: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .foreignSpelling, title: "a string needs no `\(prefix)` before it",
            primary: Label(range, "any string may hold values: `\"${id}\"`"),
            fix: Suggestion(range: range, replacement: "", text: "remove `\(prefix)`"))
    }

    static func typeBeforeName(_ type: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .foreignKeyword, title: "a local is bound with `let` or `var`",
            primary: Label(range, "a type comes after the name, where one is needed"),
            fix: Suggestion(range: range, replacement: "let", text: "replace `\(type)` with `let`"))
    }

    static func detachedUnit(_ meant: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badNumber, title: "a unit belongs to its number",
            primary: Label(range, "with a blank it is no duration"),
            fix: Suggestion(range: range, replacement: meant, text: "write `\(meant)`"))
    }

    static func commaInNumber(_ meant: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badNumber, title: "a number has no commas", primary: Label(range, "digits are grouped by `_`"),
            fix: Suggestion(range: range, replacement: meant, text: "write `\(meant)`"))
    }

    static func missingQuotes(_ written: String, in place: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .expected, title: "expected a string", primary: Label(range, "\(place) stands between quotes"),
            fix: Suggestion(range: range, replacement: "\"\(written)\"", text: "write `\"\(written)\"`"))
    }

    static func quotedPath(_ path: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .expected, title: "expected a handler's name", primary: Label(range, "a name, without quotes"),
            fix: Suggestion(range: range, replacement: path, text: "write `\(path)`"))
    }

    static func missingOn(at range: SourceRange) -> Diagnostic {
        let before = SourceRange(file: range.file, start: range.start, end: range.start)
        return Diagnostic(
            code: .expected, title: "expected a rule", primary: Label(range, "a rule begins with `on`"),
            fix: Suggestion(range: before, replacement: "on ", text: "write `on` before it"))
    }

    static func looseOption(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .misplacedItem, title: "options stand in round brackets before the block",
            primary: Label(range, "this is none of the rules"),
            help: ["`subscribe \"pubsub/topic\" (\(name): …) { … }`"])
    }

    static func foreignLoop(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .unexpected, title: "unexpected `(`", primary: Label(range, "a loop goes over something"),
            help: ["`for i in 0..<10 { … }`, or `for x in list { … }`"])
    }

    static func bracketedHead(_ word: String, at range: SourceRange) -> Diagnostic {
        .unexpected(
            "`(`", at: range, because: "`\(word)` takes no brackets", help: ["`for line in order.lines { … }`"])
    }

    static func valueBeforeBlock(sign: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .unexpected, title: "unexpected `=` before a block",
            primary: Label(sign, "after `=` stands a value, and a block needs no `=`"),
            fix: Suggestion(range: sign, replacement: "", text: "remove `=`"))
    }

    static func listWrittenBehind(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongSign, title: "a list of `\(name)` is written `[\(name)]`",
            primary: Label(range, "the brackets stand around the type"),
            fix: Suggestion(range: range, replacement: "[\(name)]", text: "write `[\(name)]`"))
    }

    static func needsBrackets(_ what: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .needsBrackets, title: "`\(what)` needs brackets here",
            primary: Label(range, "an operator before it binds closer"), help: ["write `(\(what) …)`"])
    }

    static func keptForLater(_ word: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .keptForLater, title: "`\(word)` is kept for a later version",
            primary: Label(range, "it opens no declaration yet"))
    }

    static func misspeltWord(_ word: String, near: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .expected, title: "`\(word)` opens no declaration", primary: Label(range, "this means nothing here"),
            fix: Suggestion(range: range, replacement: near, text: "replace `\(word)` with `\(near)`"))
    }

    static func ruleOutside(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .misplacedItem, title: "a rule stands inside of a `subscribe`",
            primary: Label(range, "this stands outside"), help: ["`subscribe \"pubsub/topic\" { on … }`"])
    }
}
