// TextDiagnostics.swift: the words for what is wrong with the text itself (E01xx).
//
// Neighbours: Lexer*.swift and Parser+Literals.swift, which find it; GrammarDiagnostics.swift (E02xx).

internal import Diagnostics

extension Diagnostic {
    static func unterminatedString(quote: SourceRange, end: SourceRange) -> Diagnostic {
        let isBlock = quote.end - quote.start == 3
        return Diagnostic(
            code: .unterminatedString, title: "this string has no end",
            primary: Label(quote, isBlock ? "no `\"\"\"` follows in this file" : "no closing `\"` on this line"),
            help: isBlock
                ? ["end the text with `\"\"\"` on a line of its own"]
                : ["a text over several lines stands between `\"\"\"` and `\"\"\"`"])
    }

    static func blockTextInPlainString(at range: SourceRange, outer: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTextBlock, title: "a `\"\"\"` text cannot stand inside a plain string",
            primary: Label(range, "it goes over several lines"),
            related: [Label(outer, "this string ends on its line")],
            help: ["give the text a name first: `let part = \"\"\"` …"])
    }

    static func textOnOpeningLine(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTextBlock, title: "a `\"\"\"` text begins on the next line",
            primary: Label(range, "this stands on the line of the opening `\"\"\"`"),
            help: ["for a text of one line use a plain string: `\"…\"`"])
    }

    static func closingQuotesNotAlone(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTextBlock, title: "the closing `\"\"\"` stands on a line of its own",
            primary: Label(range, "there is text before it on its line"),
            help: ["its indent is what is taken away from every line"])
    }

    static func shallowTextLine(at range: SourceRange, closing: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badTextBlock, title: "this line is indented less than the closing `\"\"\"`",
            primary: Label(range, "the indent of the closing `\"\"\"` does not fit here"),
            related: [Label(closing, "its indent is taken away from every line")],
            help: ["indent with the same spaces or tabs as the closing `\"\"\"`"])
    }

    static func badEscape(_ written: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badEscape, title: "`\(written)` is not an escape",
            primary: Label(range, "the escapes are `\\n` `\\r` `\\t` `\\\\` `\\\"` `\\$` `\\u{…}`"),
            help: ["for a backslash write `\\\\`, or use a raw string: `r\"\\d+\"`"])
    }

    static func badUnicodeEscape(_ written: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .badEscape, title: "`\(written)` names no character",
            primary: Label(range, "`\\u{…}` takes one to six hexadecimal digits of a character"),
            help: ["`\\u{1F600}` is 😀"])
    }

    static func lookAlike(_ scalar: UnicodeScalar, meant: String, at range: SourceRange) -> Diagnostic {
        let number = "U+" + String(scalar.value, radix: 16, uppercase: true)
        let seen = scalar.shown.hasPrefix("U+") ? scalar.shown : "`\(scalar.shown)`"
        if meant.isEmpty || meant == " " {
            return Diagnostic(
                code: .lookAlikeCharacter, title: "invisible character \(scalar.shown)",
                primary: Label(range, "it cannot be seen, and is no space"),
                fix: Suggestion(
                    range: range, replacement: meant,
                    text: meant.isEmpty ? "remove the character" : "replace it with a plain space"))
        }
        return Diagnostic(
            code: .lookAlikeCharacter, title: "\(seen) only looks like `\(meant)`",
            primary: Label(range, "this is the character \(number)"),
            fix: Suggestion(range: range, replacement: meant, text: "replace \(seen) with `\(meant)`"))
    }

    static func foreignQuotes(_ quote: String, inner: String?, at range: SourceRange) -> Diagnostic {
        // In backticks `${x}` is a value, as it is between our quotes.
        let isCertain =
            inner.map { inner in
                !inner.contains("\"") && !inner.contains("\\") && (quote == "`" || !inner.contains("${"))
            } ?? false
        return Diagnostic(
            code: .lookAlikeCharacter, title: "strings stand between `\"` and `\"`",
            primary: Label(range, "\(quote == "`" ? "a backtick" : "`\(quote)`") begins no string"),
            help: isCertain ? [] : ["write `\"…\"`"],
            fix: isCertain
                ? inner.map { Suggestion(range: range, replacement: "\"\($0)\"", text: "write `\"\($0)\"`") } : nil)
    }

    static func signedName(_ sign: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .invalidCharacter, title: "names have no `\(sign)`",
            primary: Label(range, "this has no meaning here"),
            fix: Suggestion(range: range, replacement: "", text: "remove `\(sign)`"))
    }

    static func foreignLetters(_ word: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .invalidCharacter, title: "`\(word)` is not a name",
            primary: Label(range, "names are made of `a`–`z`, `A`–`Z`, `0`–`9` and `_`"),
            help: ["as a key or in a text any letter can stand: `{ \"\(word)\": 1 }`"])
    }

    static func invalidCharacter(_ shown: String, at range: SourceRange) -> Diagnostic {
        let isNumber = shown.hasPrefix("U+")
        return Diagnostic(
            code: .invalidCharacter, title: "invalid character \(isNumber ? shown : "`\(shown)`")",
            primary: Label(range, "this has no meaning here"),
            help: isNumber ? ["in a string it can be written as `\\u{\(shown.dropFirst(2))}`"] : [])
    }

    static func badNumber(_ written: String, at range: SourceRange, because reason: String, help: String)
        -> Diagnostic
    {
        Diagnostic(
            code: .badNumber, title: "`\(written)` is not a number", primary: Label(range, reason), help: [help])
    }

    static func numberTooLarge(_ written: String, at range: SourceRange, limit: String) -> Diagnostic {
        Diagnostic(
            code: .numberTooLarge, title: "`\(written)` is too large", primary: Label(range, limit))
    }

    static func notUTF8(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .notUTF8, title: "this file is not UTF-8",
            primary: Label(range, "the first byte that is not valid here"),
            help: ["save the file as UTF-8; nothing of it was read"])
    }

    static func fileTooLarge(_ bytes: Int, of bytesMax: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .fileTooLarge, title: "this file has more than \(bytesMax) bytes",
            primary: Label(range, "it has \(bytes); nothing of it was read"),
            help: [
                "split it: every file of the folder belongs to the deployment",
                "or raise the limit with `--source-bytes`",
            ])
    }

    static func foreignSpelling(_ written: String, at range: SourceRange, replacement: String) -> Diagnostic {
        let meant = String(replacement.prefix { $0 != " " })
        let isStep = replacement.hasPrefix("+=") || replacement.hasPrefix("-=")
        return Diagnostic(
            code: .foreignSpelling, title: "`\(written)` is written `\(isStep ? replacement : meant)`",
            primary: Label(range, "Bay has no `\(written)`"),
            fix: Suggestion(
                range: range, replacement: isStep ? " \(replacement)" : replacement,
                text: "replace `\(written)` with `\(isStep ? replacement : meant)`"))
    }

    static func foreignComment(_ written: String, at range: SourceRange, isCertain: Bool) -> Diagnostic {
        Diagnostic(
            code: .foreignSpelling, title: "a comment begins with `#`",
            primary: Label(range, "`\(written)` begins no comment"),
            help: isCertain ? [] : ["write `#` at the beginning of every line of it"],
            fix: isCertain
                ? Suggestion(range: range, replacement: "#", text: "replace `\(written)` with `#`") : nil)
    }

    static func interpolationNotAllowed(at range: SourceRange, in place: String) -> Diagnostic {
        Diagnostic(
            code: .interpolationNotAllowed, title: "`${ }` cannot stand in \(place)",
            primary: Label(range, "it is read when the file is loaded, so it is plain text"),
            help: place == "a key"
                ? ["a computed key stands in square brackets: `[\"n${i}\"]: value`"]
                : ["for the two characters themselves write `\\${`"])
    }
}
