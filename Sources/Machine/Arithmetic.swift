// Arithmetic.swift: the slow half of arithmetic, order and equality: floats, times, mixed numbers, deep values.
//
// Numbers are one family and compared exactly; results that do not fit are faults, in a predicate null.
// Neighbours: Fiber+Dispatch.swift (the fast half).

internal import Diagnostics

extension FiberBlock {
    @inline(never) func arithmetic(_ operation: Opcode, _ x: Value, _ y: Value) throws(Fault) -> Value {
        if x.isInt && y.isInt { return try integers(operation, x.int64, y.int64) }
        if x.isNumber && y.isNumber { return try floats(operation, x.number, y.number) }
        if let result = times(operation, x, y) {
            guard let result else { return try fault(.overflow, "a time or duration beyond what 64 bits hold") }
            return result
        }
        let sign = Self.sign(of: operation)
        if operation == .add, x.isString || y.isString {
            return try fault(
                .wrongKind, "`+` takes numbers, got \(x.kind.name) and \(y.kind.name); join texts as \"${a}${b}\"")
        }
        return try fault(.wrongKind, "`\(sign)` takes numbers, got \(x.kind.name) and \(y.kind.name)")
    }

    private func integers(_ operation: Opcode, _ x: Int64, _ y: Int64) throws(Fault) -> Value {
        let result: (partialValue: Int64, overflow: Bool)
        switch operation {
        case .add: result = x.addingReportingOverflow(y)
        case .subtract: result = x.subtractingReportingOverflow(y)
        case .multiply: result = x.multipliedReportingOverflow(by: y)
        case .remainder:
            guard y != 0 else { return try fault(.divisionByZero, "`\(x) % 0`: division by zero") }
            result = (x.remainderReportingOverflow(dividingBy: y).partialValue, false)
        default:
            guard y != 0 else { return try fault(.divisionByZero, "`\(x) / 0`: division by zero") }
            return .float(Double(x) / Double(y))
        }
        guard !result.overflow else {
            return try fault(.overflow, "`\(x) \(Self.sign(of: operation)) \(y)` does not fit a 64-bit int")
        }
        return .int(result.partialValue)
    }

    private func floats(_ operation: Opcode, _ x: Double, _ y: Double) throws(Fault) -> Value {
        let result: Double
        switch operation {
        case .add: result = x + y
        case .subtract: result = x - y
        case .multiply: result = x * y
        case .remainder: return try fault(.wrongKind, "`%` takes ints, got float")
        default:
            guard y != 0 else { return try fault(.divisionByZero, "`\(x) / 0`: division by zero") }
            result = x / y
        }
        guard result.isFinite else {
            return try fault(.notFinite, "`\(x) \(Self.sign(of: operation)) \(y)` is beyond what a float holds")
        }
        return .float(result)
    }

    /// Nil when it is not about times and durations; a nil inside when the result does not fit.
    private func times(_ operation: Opcode, _ x: Value, _ y: Value) -> Value?? {
        let kind: Value.Kind
        switch (operation, x.kind, y.kind) {
        case (.add, .duration, .duration), (.subtract, .duration, .duration): kind = .duration
        case (.add, .time, .duration), (.subtract, .time, .duration), (.add, .duration, .time): kind = .time
        case (.subtract, .time, .time): kind = .duration
        case (.multiply, .duration, .int), (.multiply, .int, .duration): kind = .duration
        default: return nil
        }
        let result =
            switch operation {
            case .add: x.int64.addingReportingOverflow(y.int64)
            case .subtract: x.int64.subtractingReportingOverflow(y.int64)
            default: x.int64.multipliedReportingOverflow(by: y.int64)
            }
        return .some(result.overflow ? nil : Value(kind, bits: UInt64(bitPattern: result.partialValue)))
    }

    private static func sign(of operation: Opcode) -> String {
        switch operation {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        default: "%"
        }
    }

    /// A bool, or null in a predicate whose operands cannot be ordered.
    @inline(never) func order(_ x: Value, _ y: Value, orEqual: Bool) throws(Fault) -> Value {
        guard let comparison = try compared(x, y) else {
            return try fault(
                .wrongKind,
                "`<` and `>` take two numbers, strings, times or durations, got \(x.kind.name) and \(y.kind.name)")
        }
        return .bool(orEqual ? comparison <= 0 : comparison < 0)
    }

    /// Is it so? In a predicate, operands that cannot be ordered are not.
    @inline(never) func isOrdered(_ x: Value, _ y: Value, orEqual: Bool) throws(Fault) -> Bool {
        try order(x, y, orEqual: orEqual).isTrue
    }

    /// As the builtin `starts_with`.
    @inline(never) func startsWith(_ text: Value, _ part: Value) throws(Fault) -> Bool {
        if text.kind == .secret { throw Fault(.secretLeak, "`starts_with` would tell something of a secret") }
        guard text.isString else {
            return try fault(.wrongKind, "`starts_with` works on a string, got \(Self.withArticle(text.kind))").isTrue
        }
        try charge(part.length / 64)
        return text.length >= part.length && bytesEqual(text.text, part.text, part.length)
    }

    /// Negative, zero or positive; nil when the two cannot be ordered.
    func compared(_ x: Value, _ y: Value) throws(Fault) -> Int? {
        if x.isNumber && y.isNumber { return compareNumbers(x, y) }
        guard x.kind == y.kind else { return nil }
        switch x.kind {
        case .string:
            try charge(min(x.length, y.length) / 64)
            return bytesCompared(x.text, x.length, y.text, y.length)
        case .time, .duration: return x.int64 < y.int64 ? -1 : x.int64 == y.int64 ? 0 : 1
        default: return nil
        }
    }

    func condition(_ value: Value) throws(Fault) -> Bool {
        if value.kind == .bool { return value.bits != 0 }
        return try fault(.notBool, "a condition must be true or false, got \(value.kind.name)").isTrue
    }

    @inline(__always) func isKind(_ value: Value, _ kind: Int) -> Bool {
        kind == Int(Value.Kind.null.rawValue) ? value.isNull : Int(value.kindByte) == kind
    }

    // MARK: equality

    @inline(__always) func isEqual(_ x: Value, _ y: Value) throws(Fault) -> Bool {
        if x.isInt && y.isInt { return x.bits == y.bits }
        if x.isString && y.isString {
            if x.meta != y.meta { return false }
            return try x.length <= 32 ? bytesEqual(x.text, y.text, x.length) : longEqual(x, y)
        }
        return try isEqual(x, y, depth: 0)
    }

    @inline(never) private func longEqual(_ x: Value, _ y: Value) throws(Fault) -> Bool {
        try charge(x.length / 64)
        return bytesEqual(x.text, y.text, x.length)
    }

    @inline(never) private func isEqual(_ x: Value, _ y: Value, depth: Int) throws(Fault) -> Bool {
        if x.isNumber && y.isNumber { return compareNumbers(x, y) == 0 }
        if x.isNull || y.isNull { return x.isNull && y.isNull }
        if x.kind == .secret || y.kind == .secret { return try isSecretEqual(x, y) }
        guard x.kind == y.kind else { return false }
        switch x.kind {
        case .string:
            try charge(x.length / 64)
            return x.length == y.length && bytesEqual(x.text, y.text, x.length)
        // They may be digests.
        case .bytes:
            try charge(x.length / 64)
            return isEqualInConstantTime(x, y)
        case .list: return try listsEqual(x, y, depth: depth)
        case .object: return try objectsEqual(x, y, depth: depth)
        case .failure:
            guard let left = x.failureParts, let right = y.failureParts else { return false }
            guard left.failureClass == right.failureClass else { return false }
            guard try isEqual(left.message, right.message, depth: depth + 1) else { return false }
            return try isEqual(left.details, right.details, depth: depth + 1)
        default: return x.bits == y.bits
        }
    }

    /// What comes from outside is a string or bytes: a secret equals those of its text.
    private func isSecretEqual(_ x: Value, _ y: Value) throws(Fault) -> Bool {
        for side in [x, y] {
            switch side.kind {
            case .secret, .string, .bytes: try charge(side.length / 64)
            default: return false
            }
        }
        return isEqualInConstantTime(x, y)
    }

    private func listsEqual(_ x: Value, _ y: Value, depth: Int) throws(Fault) -> Bool {
        let left = Aggregate(try arena.open(x)), right = Aggregate(try arena.open(y))
        guard left.count == right.count else { return false }
        try checkDepth(depth, left.count)
        for position in 0..<left.count {
            guard try isEqual(left.opened(at: position), right.opened(at: position), depth: depth + 1) else {
                return false
            }
        }
        return true
    }

    private func objectsEqual(_ x: Value, _ y: Value, depth: Int) throws(Fault) -> Bool {
        let left = Aggregate(try arena.open(x)), right = Aggregate(try arena.open(y))
        guard left.count == right.count else { return false }
        try checkDepth(depth, left.count)
        for position in 0..<left.count {
            let other = right.position(ofKey: left.key(at: position))
            guard other >= 0, try isEqual(left.opened(at: position), right.opened(at: other), depth: depth + 1) else {
                return false
            }
        }
        return true
    }

    private func checkDepth(_ depth: Int, _ count: Int) throws(Fault) {
        try charge(1 + count / 4)
        guard depth < arena.jsonDepthMax else {
            throw Fault(.nestedTooDeep, "values nested deeper than \(arena.jsonDepthMax) cannot be compared")
        }
    }
}

/// Of two numbers: negative, zero or positive. Exact, also between an int beyond 2^53 and a float.
package func compareNumbers(_ x: Value, _ y: Value) -> Int {
    switch (x.isInt, y.isInt) {
    case (true, true): x.int64 < y.int64 ? -1 : x.int64 == y.int64 ? 0 : 1
    case (false, false): x.double < y.double ? -1 : x.double == y.double ? 0 : 1
    case (true, false): compare(x.int64, y.double)
    case (false, true): -compare(y.int64, x.double)
    }
}

private func compare(_ int: Int64, _ float: Double) -> Int {
    if float >= 0x1p63 { return -1 }
    if float < -0x1p63 { return 1 }
    let whole = Int64(float)
    if int != whole { return int < whole ? -1 : 1 }
    let rest = float - Double(whole)
    return rest > 0 ? -1 : rest < 0 ? 1 : 0
}

/// Looks at every byte whatever it finds, so that the time tells nothing about a secret.
func isEqualInConstantTime(_ x: Value, _ y: Value) -> Bool {
    guard x.length == y.length else { return false }
    var difference: UInt8 = 0
    for offset in 0..<x.length { difference |= x.text[offset] ^ y.text[offset] }
    return difference == 0
}

/// The same for bytes: of the length, and of nothing else, the time may tell.
package func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt8 = 0
    for index in one.indices { difference |= one[index] ^ other[index] }
    return difference == 0
}
