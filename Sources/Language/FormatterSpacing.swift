// FormatterSpacing.swift: where a space stands between two tokens of a line.

extension Formatter {
    /// A reserved word that stands for a name: after a dot, or as a key.
    func isName(_ index: Int) -> Bool {
        guard tokens[index].kind.isWord else { return false }
        if tokens[index].kind == .name { return true }
        if index > 0, tokens[index - 1].kind == .dot || tokens[index - 1].kind == .questionDot { return true }
        return tokens[index + 1].kind == .colon
    }

    /// An operand may end here: what comes next is an operator, or stands close.
    private func endsOperand(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .name, .integer, .float, .duration, .size, .string, .textTail, .rightParen, .rightBracket, .rightBrace, .true, .false,
            .null, .question:
            true
        default: isName(index)
        }
    }

    func needsSpace(_ left: Int, _ right: Int) -> Bool {
        let before = tokens[left]
        let after = tokens[right]
        switch before.kind {
        case .leftParen, .leftBracket, .textHead, .textMiddle, .dot, .questionDot, .spread: return false
        case .leftBrace: return after.kind == .rightBrace ? roles.isSpacedEmpty(before) : roles.role(opener: before) != .type
        case .range, .rangeBelow: return !startsOperand(right)
        case .minus where roles.isSign(before): return false
        case .less where roles.isOpeningAngle(after: tokens[left - 1]): return false
        default: break
        }
        switch after.kind {
        case .comma, .semicolon, .colon, .rightParen, .rightBracket, .textMiddle, .textTail, .question: return false
        case .questionDot: return false
        case .dot: return !endsOperand(left)
        case .rightBrace: return roles.role(closer: after) != .type
        case .range, .rangeBelow: return !endsOperand(left)
        case .leftParen: return roles.isOptions(after) || !(endsOperand(left) || callsLikeName(left))
        case .leftBracket: return !endsOperand(left)
        case .less: return !roles.isOpeningAngle(after: before)
        case .greater, .greaterOrEqual: return !roles.isClosingAngle(after)
        default: return true
        }
    }

    /// What may stand close behind `..`.
    private func startsOperand(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .name, .integer, .float, .duration, .size, .string, .textHead, .leftParen, .leftBracket, .minus: true
        default: false
        }
    }

    /// `any(`, `all(`, `exists(`.
    private func callsLikeName(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .any, .all, .exists: true
        default: false
        }
    }
}
