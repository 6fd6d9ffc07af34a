// ShapeCheck.swift: does a value have the stated shape? Defaults are filled in and numbers converted on the way.
//
// A value that fits as it is comes back as it is, text and all; a copy is made only of what changes. What does not fit
// is told with its JSON path, what was expected and what came. Neighbours: Shape.swift (what compilers state),
// CompiledShape.swift (the same with values), Glob.swift.

internal import Diagnostics

enum FitResult {
    case fits(Value)
    /// `data.price: expected float, got string "x"`
    case misfits(String)
}

extension FiberBlock {
    /// - Parameter ip: after the instruction, for the name of what is checked.
    @inline(never) func fit(_ value: Value, shape: Int, at ip: CodeCursor) throws(Fault) -> FitResult {
        var check = ShapeCheck(block: self)
        if let fitted = try check.fit(value, shape: shape, depth: 0) { return .fits(fitted) }
        let root = pathRead(atWord: unsafe wordOffset(ip.pointer) - 1) ?? "value"
        return .misfits(root + check.path.reversed().joined() + ": " + check.misfit)
    }
}

extension FiberBlock {
    /// A pattern's question: nothing is said of what does not fit.
    @inline(never) func fitOrNull(_ value: Value, shape: Int) throws(Fault) -> Value {
        var check = ShapeCheck(block: self)
        return try check.fit(value, shape: shape, depth: 0) ?? .null
    }
}

/// One walk. When a step gives nil, `misfit` says why and `path` grows from the inside out.
struct ShapeCheck {
    let block: FiberBlock
    private(set) var misfit = ""
    private(set) var path: [String] = []

    init(block: FiberBlock) { self.block = block }

    private func plan(_ shape: Int) -> UnsafePointer<CompiledShape> {
        unsafe block.header.pointee.image.pointee.fits + shape
    }

    mutating func fit(_ value: Value, shape: Int, depth: Int) throws(Fault) -> Value? {
        guard depth < block.arena.jsonDepthMax else {
            let limit = block.arena.jsonDepthMax
            throw Fault(.nestedTooDeep, "values nested deeper than \(limit) cannot be checked")
        }
        switch unsafe plan(shape).pointee {
        case .any: return value
        case .kind(let kind):
            return value.kind == kind || (kind == .null && value.isNull) ? value : try converted(value, to: kind, shape)
        case .int(let bounds): return fitInt(value, bounds, shape)
        case .float(let bounds): return fitFloat(value, bounds, shape)
        case .string(let bounds, let like): return try fitString(value, bounds, like, shape)
        case .list(let item, let bounds): return try fitList(value, Int(item), bounds, shape, depth)
        case .dictionary(let item): return try fitDictionary(value, Int(item), shape, depth)
        case .optional(let inner): return value.isNull ? value : try fit(value, shape: Int(inner), depth: depth)
        case .record(let fields, let count): return unsafe try fitRecord(value, fields, count, shape, depth)
        case .oneOf(let choices, let count): return unsafe try fitOneOf(value, choices, count, shape)
        }
    }

    private mutating func fails(_ value: Value, _ shape: Int, because why: String? = nil) -> Value? {
        let expected = expectation(of: shape)
        misfit = "expected \(expected), got \(Self.shown(value))" + (why.map { " (\($0))" } ?? "")
        return nil
    }

    // MARK: scalars

    /// Times, durations and bytes stand as strings in JSON.
    private mutating func converted(_ value: Value, to kind: Value.Kind, _ shape: Int) throws(Fault) -> Value? {
        guard value.isString else { return fails(value, shape) }
        let text = unsafe Array(value.text.buffer(value.length))
        try block.charge(text.count / 64)
        switch kind {
        case .time: if let time = timeNanoseconds(fromRFC3339: text) { return .time(nanoseconds: time) }
        case .duration: if let duration = durationNanoseconds(from: text) { return .duration(nanoseconds: duration) }
        case .bytes:
            if let bytes = Base64.decode(value.text, value.length) { return try block.arena.text(.bytes, bytes) }
        default: break
        }
        return fails(value, shape)
    }

    private mutating func fitInt(_ value: Value, _ bounds: IntBounds, _ shape: Int) -> Value? {
        var int = value
        if value.isFloat, let exact = Int64(exactly: value.double) { int = .int(exact) }
        guard int.isInt, bounds.contains(int.int64) else { return fails(value, shape) }
        return int
    }

    private mutating func fitFloat(_ value: Value, _ bounds: Bounds<Double>?, _ shape: Int) -> Value? {
        guard value.isNumber else { return fails(value, shape) }
        let number = value.number
        if let bounds {
            if let lower = bounds.lower, number < lower { return fails(value, shape) }
            if let upper = bounds.upper, bounds.includesUpper ? number > upper : number >= upper {
                return fails(value, shape)
            }
        }
        return value.isFloat ? value : .float(number)
    }

    private mutating func fitString(
        _ value: Value, _ bounds: IntBounds, _ like: Value, _ shape: Int
    ) throws(Fault) -> Value? {
        guard value.isString else { return fails(value, shape) }
        try block.charge(value.length / 64)
        if !bounds.isOpen {
            let count = codePointCount(value.text, value.length)
            guard bounds.contains(Int64(count)) else { return fails(value, shape, because: "\(count) characters") }
        }
        if like.isString, !Glob.matches(value, pattern: like) { return fails(value, shape) }
        return value
    }

    private mutating func fitOneOf(
        _ value: Value, _ choices: UnsafePointer<Value>, _ count: Int, _ shape: Int
    ) throws(Fault) -> Value? {
        for position in 0..<count where unsafe try block.isEqual(value, choices[position]) { return value }
        return fails(value, shape)
    }

    // MARK: aggregates

    private mutating func fitList(
        _ value: Value, _ item: Int, _ bounds: IntBounds, _ shape: Int, _ depth: Int
    ) throws(Fault) -> Value? {
        guard value.isList else { return fails(value, shape) }
        let opened = try block.arena.open(value)
        let list = Aggregate(opened)
        try block.charge(1 + list.count / 4)
        guard bounds.contains(Int64(list.count)) else { return fails(value, shape, because: "\(list.count) items") }
        var result: Value?
        for position in 0..<list.count {
            let before = try list.opened(at: position)
            guard let after = try fit(before, shape: item, depth: depth + 1) else {
                path.append("[\(position)]")
                return nil
            }
            guard !after.isSame(as: before) else { continue }
            let copy = try target(result, list, .list, capacity: list.count)
            Aggregate(copy).setValue(after, at: position)
            result = copy
        }
        return result ?? opened
    }

    private mutating func fitDictionary(
        _ value: Value, _ item: Int, _ shape: Int, _ depth: Int
    ) throws(Fault) -> Value? {
        guard value.isObject else { return fails(value, shape) }
        let opened = try block.arena.open(value)
        let object = Aggregate(opened)
        try block.charge(1 + object.count / 4)
        var result: Value?
        for position in 0..<object.count {
            let before = try object.opened(at: position)
            guard let after = try fit(before, shape: item, depth: depth + 1) else {
                path.append(Self.step(object.key(at: position)))
                return nil
            }
            guard !after.isSame(as: before) else { continue }
            let copy = try target(result, object, .object, capacity: object.count)
            Aggregate(copy).setValue(after, at: position)
            result = copy
        }
        return result ?? opened
    }

    private mutating func fitRecord(
        _ value: Value, _ fields: UnsafePointer<FieldPlan>, _ count: Int, _ shape: Int, _ depth: Int
    ) throws(Fault) -> Value? {
        guard value.isObject else { return fails(value, shape) }
        let opened = try block.arena.open(value)
        let object = Aggregate(opened)
        try block.charge(1 + count / 4)
        var result: Value?
        for number in 0..<count {
            let field = unsafe fields[number]
            let position = unsafe object.position(ofKey: field.key)
            if position < 0 {
                if unsafe field.hasDefault {
                    let copy = try target(result, object, .object, capacity: object.count + count)
                    Aggregate(copy).markBuilder()
                    result = unsafe try block.put(field.key, field.defaultValue, into: copy)
                } else if unsafe !field.isOptional {
                    misfit = unsafe "expected \(expectation(of: Int(field.shape))), but it is missing"
                    unsafe path.append(Self.step(field.key))
                    return nil
                }
                continue
            }
            let before = try object.opened(at: position)
            if unsafe field.isOptional && before.isNull { continue }
            guard let after = unsafe try fit(before, shape: Int(field.shape), depth: depth + 1) else {
                unsafe path.append(Self.step(field.key))
                return nil
            }
            guard !after.isSame(as: before) else { continue }
            let copy = try target(result, object, .object, capacity: object.count + count)
            Aggregate(copy).setValue(after, at: position)
            result = copy
        }
        return result ?? opened
    }

    /// What changes are written to: the copy made before, or a new one.
    private func target(
        _ result: Value?, _ source: Aggregate, _ kind: Value.Kind, capacity: Int
    ) throws(Fault) -> Value {
        if let result { return result }
        return try block.copy(of: source, kind, capacity: capacity)
    }

    // MARK: words

    private static func step(_ key: Value) -> String {
        let name = key.asString ?? ""
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
            }
        return isPlain ? ".\(name)" : "[\"\(name)\"]"
    }

    private static func shown(_ value: Value) -> String {
        switch value.kind {
        case .null, .missing: return "null"
        case .bool: return value.bits != 0 ? "true" : "false"
        case .int: return "int \(value.int64)"
        case .float: return "float \(value.double)"
        case .string:
            let text = value.asString ?? ""
            return "string \"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
        default: return value.kind.name
        }
    }

    /// As the type would be written in Bay.
    private func expectation(of shape: Int) -> String {
        switch unsafe plan(shape).pointee {
        case .any: "any"
        case .kind(let kind): kind.name
        case .int(let bounds): "int\(bounds.text)"
        case .float(let bounds): "float\(bounds.map(Self.text) ?? "")"
        case .string(let bounds, let like):
            like.isString ? "string(like: \"\(like.asString ?? "")\")" : "string\(bounds.text)"
        case .list(_, let bounds): "list\(bounds.text)"
        case .dictionary, .record: "object"
        case .optional(let inner): "\(expectation(of: Int(inner))) or null"
        case .oneOf(let choices, let count):
            (0..<count).map { unsafe Self.literal(choices[$0]) }.joined(separator: " | ")
        }
    }

    private static func literal(_ value: Value) -> String {
        value.isString ? "\"\(value.asString ?? "")\"" : value.isInt ? "\(value.int64)" : shown(value)
    }

    private static func text(_ bounds: Bounds<Double>) -> String {
        let lower = bounds.lower.map { "\($0)" } ?? "", upper = bounds.upper.map { "\($0)" } ?? ""
        return "(\(lower)\(bounds.includesUpper ? ".." : "..<")\(upper))"
    }
}

extension Value {
    /// The very same sixteen bytes.
    @inline(__always) func isSame(as other: Value) -> Bool { meta == other.meta && bits == other.bits }
}
