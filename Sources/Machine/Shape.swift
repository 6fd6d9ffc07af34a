// Shape.swift: what a value must look like, and the defaults that fill it up.
//
// Types of Bay, resolved: records are referred to by their place in `Program.shapes`, so they may recur.
// Neighbours: ShapeCheck.swift (walks a value), Language/Lower (builds shapes from types).

/// Position in `Program.shapes`.
package struct ShapeIndex: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// One end of a constraint, or both.
package struct Bounds<Bound: Comparable & Sendable>: Sendable, Equatable {
    package var lower: Bound?
    package var upper: Bound?
    package var includesUpper: Bool
    package init(lower: Bound?, upper: Bound?, includesUpper: Bool = true) {
        self.lower = lower
        self.upper = upper
        self.includesUpper = includesUpper
    }
}

package indirect enum Shape: Sendable {
    case any
    case null, bool, bytes, time, duration, object, secret
    case int(Bounds<Int64>?)
    case float(Bounds<Double>?)
    /// Length in code points; `like` is a glob over the whole string.
    case string(Bounds<Int64>?, like: String?)
    case list(ShapeIndex, Bounds<Int64>?)
    case dictionary(ShapeIndex)
    case optional(ShapeIndex)
    case record(RecordShape)
    /// One of these literal values.
    case oneOf([Constant])
}

package struct RecordShape: Sendable {
    package let name: String
    package let fields: [Field]
    package init(name: String, fields: [Field]) {
        self.name = name
        self.fields = fields
    }

    package struct Field: Sendable {
        package let name: String
        package let shape: ShapeIndex
        /// Filled in when the field is missing.
        package let defaultValue: Constant?
        /// Written with `?`: may be missing or null; a missing one stays missing.
        package let isOptional: Bool
        package init(name: String, shape: ShapeIndex, defaultValue: Constant?, isOptional: Bool) {
            self.name = name
            self.shape = shape
            self.defaultValue = defaultValue
            self.isOptional = isOptional
        }
    }
}

/// A value known at load. Becomes a `Value` in the program's own memory.
package enum Constant: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    case time(Int64)
    /// Nanoseconds.
    case duration(Int64)
    case list([Constant])
    case object([Entry])

    package struct Entry: Sendable {
        package let key: String
        package let value: Constant
        package init(key: String, value: Constant) {
            self.key = key
            self.value = value
        }
    }
}
