// CompiledShape.swift: shapes with their keys, defaults and choices as values of the program's memory.
//
// Plain data without references, so that a check counts none. Neighbours: Shape.swift, ShapeCheck.swift.

/// Both ends included; open ends are the extremes.
struct IntBounds: BitwiseCopyable {
    let lower: Int64
    let upper: Int64

    init(_ bounds: Bounds<Int64>?) {
        lower = bounds?.lower ?? .min
        guard let bounds, let upper = bounds.upper else {
            self.upper = .max
            return
        }
        self.upper = bounds.includesUpper || upper == .min ? upper : upper - 1
    }

    var isOpen: Bool { lower == .min && upper == .max }
    @inline(__always) func contains(_ value: Int64) -> Bool { lower <= value && value <= upper }
    var text: String {
        isOpen ? "" : "(\(lower == .min ? "" : "\(lower)")..\(upper == .max ? "" : "\(upper)"))"
    }
}

@unsafe struct FieldPlan {
    let key: Value
    let shape: UInt32
    let hasDefault: Bool
    let isOptional: Bool
    let defaultValue: Value
}

@unsafe enum CompiledShape {
    case any
    case kind(Value.Kind)
    case int(IntBounds)
    case float(Bounds<Double>?)
    /// `like` is null when there is none.
    case string(IntBounds, like: Value)
    case list(UInt32, IntBounds)
    case dictionary(UInt32)
    case optional(UInt32)
    case record(UnsafePointer<FieldPlan>, count: Int)
    case oneOf(UnsafePointer<Value>, count: Int)

    init(_ shape: Shape, in arena: Arena) {
        switch shape {
        case .any: unsafe self = unsafe .any
        case .null: unsafe self = unsafe .kind(.null)
        case .bool: unsafe self = unsafe .kind(.bool)
        case .bytes: unsafe self = unsafe .kind(.bytes)
        case .time: unsafe self = unsafe .kind(.time)
        case .duration: unsafe self = unsafe .kind(.duration)
        case .object: unsafe self = unsafe .kind(.object)
        case .secret: unsafe self = unsafe .kind(.secret)
        case .int(let bounds): unsafe self = unsafe .int(IntBounds(bounds))
        case .float(let bounds): unsafe self = unsafe .float(bounds)
        case .string(let bounds, let like):
            unsafe self = unsafe .string(IntBounds(bounds), like: like.map { arena.string($0) } ?? .null)
        case .list(let item, let bounds): unsafe self = unsafe .list(item.rawValue, IntBounds(bounds))
        case .dictionary(let item): unsafe self = unsafe .dictionary(item.rawValue)
        case .optional(let inner): unsafe self = unsafe .optional(inner.rawValue)
        case .record(let record):
            let plans = unsafe record.fields.map { field in
                unsafe FieldPlan(
                    key: arena.string(field.name), shape: field.shape.rawValue,
                    hasDefault: field.defaultValue != nil, isOptional: field.isOptional,
                    defaultValue: field.defaultValue.map { arena.programValue($0) } ?? .null)
            }
            unsafe self = unsafe .record(arena.table(plans), count: plans.count)
        case .oneOf(let choices):
            unsafe self = unsafe .oneOf(
                arena.table(choices.map { arena.programValue($0) }), count: choices.count)
        }
    }
}
