// Checker+Expressions.swift: what is known of an expression's value.
//
// Every case answers with a type and reports what must fail. An `.error` is silent from there on.
// Neighbours: Checker+Names.swift (names and members), Checker+Calls.swift, Checker+Compounds.swift.

internal import Diagnostics
internal import Machine

extension Checker {
    /// Checks an expression.
    @discardableResult
    func check(_ node: NodeID) -> Type {
        guard node.exists else { return .null }
        guard depth < depthMax else {
            if !isTooDeep { report(.tooDeep(depthMax, at: range(node))) }
            isTooDeep = true
            return .error
        }
        depth += 1
        defer { depth -= 1 }
        return checkKind(node)
    }

    private func checkKind(_ node: NodeID) -> Type {
        switch kind(node) {
        case .error: return .error
        case .nullLiteral: return .null
        case .trueLiteral, .falseLiteral: return .bool
        case .integer, .size: return .int
        case .float: return .float
        case .duration: return .duration
        case .string: return .string
        case .text: return checkText(node)
        case .name: return checkName(node)
        case .member: return checkMember(node)
        case .index: return checkIndex(node)
        case .call, .templateCall: return checkCall(node)
        case .list: return checkList(node)
        case .object: return checkObject(node)
        case .listComprehension, .objectComprehension: return checkComprehension(node)
        case .ifExpression: return checkIf(node)
        case .matchExpression: return checkMatch(node)
        case .update: return checkUpdate(node)
        case .transaction: return checkTransaction(node)
        case .together: return checkTogether(node)
        case .lock: return checkLock(node)
        case .anyQuantifier, .allQuantifier: return checkQuantifier(node)
        case .exists: return checkExists(node)
        case .block: return checkBlock(node)
        case .returnExit, .retryExit, .dropExit, .failExit, .keepExit, .breakExit, .continueExit:
            return checkExit(node)
        case .catchBinding, .catchValue: return checkCatch(node)
        default: return checkOperator(node)
        }
    }

    /// Checks an expression where a certain type is wanted; reports what can never fit.
    @discardableResult
    func check(_ node: NodeID, wanted: Type, what: String? = nil) -> Type {
        let found = check(node)
        expect(found, wanted, at: node, what: what)
        return found
    }

    func expect(_ found: Type, _ wanted: Type, at node: NodeID, what: String? = nil) {
        guard declarations.fit(found, wanted) == .never else { return }
        let wantedText = declarations.describe(wanted) + (what.map { " for \($0)" } ?? "")
        var misfit = Diagnostic.wrongType(declarations.describe(found), wanted: wantedText, at: range(node))
        if wanted.unwrapped == .duration, case .int(let count)? = fold(node), count > 0 {
            misfit = .numberWithoutUnit(count, wanted: wantedText, at: range(node))
        }
        if found.unwrapped == .secret { secretMisfits.append(misfit) } else { report(misfit) }
    }

    /// A condition: `bool` only.
    func checkCondition(_ node: NodeID) {
        let found = check(node)
        guard declarations.fit(found, .bool) == .never else { return }
        report(.notACondition(declarations.describe(found), at: range(node)))
    }

    /// A condition that decides what is done: one whose outcome is known before is probably not meant.
    func checkDecision(_ node: NodeID) {
        checkCondition(node)
        reportContradiction(node, of: .other)
    }

    private func checkText(_ node: NodeID) -> Type {
        var result = Type.string
        for part in tree.children(of: node) {
            let type = check(part)
            switch type {
            case .secret: result = .secret
            case .null, .list, .dictionary, .object, .record, .event, .request, .bytes, .failure, .response:
                report(.notText(declarations.describe(type), at: range(part)))
            default: break
            }
        }
        return result
    }

    private func checkOperator(_ node: NodeID) -> Type {
        switch kind(node) {
        case .or, .and:
            checkCondition(child(0, node))
            checkCondition(child(1, node))
            return .bool
        case .not:
            checkCondition(child(0, node))
            return .bool
        case .equal, .notEqual: return checkEquality(node)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return checkOrder(node)
        case .isIn, .isNotIn: return checkIn(node)
        case .coalesce:
            let left = check(child(0, node))
            let right = check(child(1, node))
            return left == .null ? right : left.unwrapped.joined(with: right)
        case .add, .subtract, .multiply, .divide, .remainder: return checkArithmetic(node)
        case .negate:
            let type = check(child(0, node))
            if type.isOpen { return .any }
            if case .optional = type { return .any }
            if type.isNumber || type == .duration { return type }
            report(.wrongType(declarations.describe(type), wanted: "a number", at: range(child(0, node))))
            return .error
        case .interval:
            report(.notAValue("an interval", "it may stand after `in`, in a pattern or in `for`", at: range(node)))
            return .error
        case .selector:
            report(.notAValue("a selector", "only a method such as `.sort_by(.price)` takes one", at: range(node)))
            return .error
        case .spread: return check(child(0, node))
        default: return .error
        }
    }

    private func checkEquality(_ node: NodeID) -> Type {
        let left = knownType(check(child(0, node)), of: child(0, node))
        let right = knownType(check(child(1, node)), of: child(1, node))
        if kind(node) == .equal, !declarations.mayEqual(left, right) {
            report(
                .neverEqual(
                    declarations.describe(left.unwrapped), declarations.describe(right.unwrapped), at: range(node),
                    isRule: body.isPredicate))
        }
        return .bool
    }

    /// A literal's own type: `"chek"` is more than a string.
    private func knownType(_ type: Type, of node: NodeID) -> Type {
        guard type == .string, case .string(let text)? = fold(node) else { return type }
        return .literals([.string(text)])
    }

    private static let ordered: [Type] = [.string, .time, .duration]

    private func checkOrder(_ node: NodeID) -> Type {
        let sides = [child(0, node), child(1, node)]
        let types = sides.map { check($0).unwrapped }
        // A chain of comparisons has been reported.
        if types[0] == .bool, !isIntact(around: range(node)) { return .bool }
        for (type, side) in zip(types, sides) where !type.isOpen && !isOrdered(type) {
            report(
                .wrongType(
                    declarations.describe(type), wanted: "a number, string, time or duration", at: range(side)))
            return .bool
        }
        let (left, right) = (types[0], types[1])
        if !left.isOpen, !right.isOpen, !(left.isNumber && right.isNumber), left.kindName != right.kindName {
            report(
                .notComparable(
                    declarations.describe(left), declarations.describe(right), at: range(node)))
        }
        return .bool
    }

    private func isOrdered(_ type: Type) -> Bool {
        if type.isNumber || Self.ordered.contains(type) { return true }
        if case .literals(let constants) = type { return constants.allSatisfy { isOrdered($0.type) } }
        return false
    }

    private func checkIn(_ node: NodeID) -> Type {
        let left = check(child(0, node))
        let right = child(1, node)
        if kind(right) == .interval {
            for end in tree.children(of: right) where end.exists {
                let type = check(end).unwrapped
                if !type.isOpen, !left.unwrapped.isOpen, isOrdered(type),
                    !(type.isNumber && left.unwrapped.isNumber), type.kindName != left.unwrapped.kindName
                {
                    report(
                        .notComparable(
                            declarations.describe(left.unwrapped), declarations.describe(type), at: range(end)))
                    break
                }
            }
            return .bool
        }
        let type = check(right).unwrapped
        switch type {
        case .list(let item):
            if !declarations.mayEqual(left, item), item != .never {
                report(
                    .neverEqual(
                        declarations.describe(left), declarations.describe(item), at: range(node),
                        isRule: body.isPredicate))
            }
        case .dictionary, .object, .record, .string, .any, .error, .never, .event, .request:
            if case .list = type {} else if !type.isOpen { expect(left, .string, at: child(0, node)) }
        default:
            // `in (1, 2)`: the brackets have been told of.
            guard isIntact(around: range(right)) else { break }
            report(.wrongType(declarations.describe(type), wanted: "a list, object or string", at: range(right)))
        }
        return .bool
    }

    private func checkArithmetic(_ node: NodeID) -> Type {
        let sides = [child(0, node), child(1, node)]
        let types = sides.map { check($0) }
        let plain = types.map(\.unwrapped)
        // What is wrong with a part has been told: `a + b + c` of texts is one mistake.
        guard !plain.contains(.error) else { return .error }
        let isSum = kind(node) == .add || kind(node) == .subtract
        if isSum, plain.allSatisfy({ $0 == .string }) {
            report(.textSum(at: range(node)))
            return .error
        }
        for (type, side) in zip(plain, sides) where !type.isOpen && !type.isNumber {
            if isSum, plain.contains(.string) {
                report(.textSum(at: range(node), isMixed: true))
            } else {
                report(.wrongType(declarations.describe(type), wanted: "a number", at: range(side)))
            }
            return .error
        }
        switch kind(node) {
        case .divide:
            if let divisor = fold(sides[1])?.number, divisor == 0 { report(.divisionByZero(at: range(sides[1]))) }
            return .float
        case .remainder:
            if let divisor = fold(sides[1])?.number, divisor == 0 { report(.divisionByZero(at: range(sides[1]))) }
            return .int
        default:
            if plain.contains(where: \.isOpen) { return .any }
            return plain.allSatisfy { $0.kindName == "int" } ? .int : .float
        }
    }

    /// `exists(path)`: any path, its last step a name or an index.
    private func checkExists(_ node: NodeID) -> Type {
        let path = child(0, node)
        guard kind(path) == .member || kind(path) == .index else {
            if kind(path) != .error {
                report(.wrongType("something else", wanted: "a path such as `event.data.id`", at: range(path)))
            }
            return .bool
        }
        check(path)
        return .bool
    }
}

extension Diagnostic {
    static func tooDeep(_ limit: Int, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .tooLarge, title: "this expression is too deep",
            primary: Label(range, "more than \(limit) parts, each in the next"), help: ["bind a part of it with `let`"])
    }

    static func numberWithoutUnit(_ count: Int64, wanted: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "expected \(wanted), found int",
            primary: Label(range, "a duration has a unit: `ms`, `s`, `m`, `h` or `d`"),
            fix: Suggestion(range: range, replacement: "\(count)s", text: "write `\(count)s`"))
    }

    static func notACondition(_ found: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "a condition must be true or false",
            primary: Label(range, "this is \(found)"), help: ["compare it, for example with `!= null`"])
    }

    static func notText(_ found: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "\(found) cannot stand in a text", primary: Label(range, "this is \(found)"),
            help: found == "null" ? ["write `${x ?? \"\"}`"] : ["write `.to_json()` behind it, or name a part of it"])
    }

    static func neverEqual(_ one: String, _ two: String, at range: SourceRange, isRule: Bool) -> Diagnostic {
        Diagnostic(
            code: .ruleNeverMatches,
            title: isRule ? "this rule can never match" : "this comparison is never true",
            primary: Label(range, "\(one) never equals \(two)"))
    }

    static func notComparable(_ one: String, _ two: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "\(one) and \(two) have no order",
            primary: Label(range, "compares \(one) with \(two)"))
    }

    static func textSum(at range: SourceRange, isMixed: Bool = false) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "strings are not added",
            primary: Label(range, isMixed ? "one side is a string" : "both sides are strings"),
            help: ["write one text: `\"${a}${b}\"`"])
    }

    static func divisionByZero(at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .wrongType, title: "division by zero", primary: Label(range, "always zero"))
    }

    static func notAValue(_ what: String, _ why: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(code: .notAValue, title: "\(what) is not a value", primary: Label(range, why))
    }

    static func notInThisBuild(_ what: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .notInThisBuild, title: "\(what) is not in this build",
            primary: Label(range, "the language has it, this engine cannot run it yet"))
    }
}
