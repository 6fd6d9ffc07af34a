// Parser+Foreign.swift: what stands where another language would have it.
//
// Asked only where the text cannot be read, so nobody's names are taken for keywords. Neighbours: ForeignWord.swift (the
// words), Parser+Recovery.swift (asks).

internal import Diagnostics

extension Parser {
    /// A word of another language behind a value: `is`, `like`, `then`.
    var foreignOperator: Diagnostic? {
        guard at(.name), !isAtEnd, !beginsLine, position > 0, tokens[position - 1].kind.endsExpression,
            let foreign = ForeignWord.operators[shown(token)]
        else { return nil }
        if shown(token) == "is", nextKind() == .not {
            return .foreignKeyword(
                "is not", at: range(token.start, tokens[position + 1].end), instead: "!=", isExact: true)
        }
        return .foreignKeyword(
            shown(token), at: range(of: token), instead: foreign.instead, isExact: foreign.isExact)
    }

    /// Behind an item that should have ended: its first word, its string's prefix, its number's unit.
    var foreignTrailing: Diagnostic? {
        guard position > 0 else { return nil }
        let before = tokens[position - 1]
        let found: Diagnostic? =
            switch before.kind {
            case .name: foreignTrailing(afterWord: before)
            case .integer, .float: foreignTrailing(afterNumber: before)
            default: nil
            }
        if let found { return found }
        guard at(.if) else { return nil }
        return .unexpected(
            "`if`", at: range(of: token), because: "a condition stands before what it decides",
            help: ["`if ready { return x }`"])
    }

    private func foreignTrailing(afterWord before: Token) -> Diagnostic? {
        let word = text(of: before)
        if let foreign = ForeignWord.expressions[word], !foreign.isExact || foreign.instead == "fail" {
            return .foreignKeyword(
                word, at: range(of: before), instead: foreign.instead, isExact: foreign.isExact)
        }
        if kind.isText, before.end == token.start, word.count <= 2 {
            return .prefixedString(word, at: range(of: before))
        }
        guard at(.name), nextKind() == .assign, position - 1 == itemStart, ForeignWord.types.contains(word) else {
            return nil
        }
        return .typeBeforeName(word, at: range(of: before))
    }

    private func foreignTrailing(afterNumber number: Token) -> Diagnostic? {
        if at(.name), let unit = ForeignWord.units[shown(token)] {
            return .detachedUnit(text(of: number) + unit, at: range(number.start, token.end))
        }
        guard at(.comma), nextKind() == .integer, tokens[position + 1].start == token.end else { return nil }
        let rest = tokens[position + 1]
        return .commaInNumber(text(of: number) + "_" + text(of: rest), at: range(number.start, rest.end))
    }
}
