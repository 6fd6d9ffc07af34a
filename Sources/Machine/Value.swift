// Value.swift: sixteen bytes that stand for any value of Bay.
//
// Trivially copyable: no reference counting. What does not fit into eight bytes lives in an arena (Arena.swift) or in
// the program's own memory, and a value is good only as long as that memory. So it stays on its loop.
// Neighbours: Aggregate.swift (lists and objects), Value+Access.swift (reading from cold code).

/// A value. Numbers are whole 64-bit ints and doubles; texts are UTF-8 slices of an arena, of the event's own
/// bytes or of the program.
package struct Value: BitwiseCopyable {
    /// `kind:8 | flags:8 | 0:16 | length:32`, from the lowest bit up. The length is bytes of a text, items of an
    /// opened list or object, raw bytes of an unread one.
    package var meta: UInt64
    /// The int, the double's bits, nanoseconds, or an address.
    package var bits: UInt64

    @inline(__always) package init(meta: UInt64, bits: UInt64) {
        self.meta = meta
        self.bits = bits
    }

    /// Raw values stand in bytecode (`isKind`): never renumber.
    package enum Kind: UInt8, CaseIterable, Sendable {
        case null
        /// A slot whose path the event does not have. Behaves as `null`; only `exists` tells them apart.
        case missing
        case bool, int, float, string, bytes, time, duration, list, object, failure, response, secret
        /// State of a loop over a range; never seen outside a frame.
        case range

        /// As Bay and messages call it.
        package var name: String { Self.names[Int(rawValue)] }
        /// By raw value; asked for at run time, and the name of a case is found by reflection.
        private static let names = allCases.map { $0 == .missing ? "null" : "\($0)" }
    }

    package enum FailureOrigin: UInt8, Sendable {
        /// A reply of the world.
        case effect
        /// A `fail` of the script.
        case script
    }
}

@available(*, unavailable, message: "a value refers into an arena of its own loop")
extension Value: Sendable {}

extension Value {
    @inline(__always) init(_ kind: Kind, length: Int = 0, bits: UInt64) {
        self.init(meta: UInt64(kind.rawValue) | UInt64(UInt32(truncatingIfNeeded: length)) &<< 32, bits: bits)
    }

    @inline(__always) package static var null: Value { Value(meta: 0, bits: 0) }
    @inline(__always) package static var missing: Value { Value(.missing, bits: 0) }
    @inline(__always) package static func bool(_ value: Bool) -> Value { Value(.bool, bits: value ? 1 : 0) }
    @inline(__always) package static func int(_ value: Int64) -> Value {
        Value(.int, bits: UInt64(bitPattern: value))
    }
    @inline(__always) package static func int(_ value: Int) -> Value { .int(Int64(value)) }
    /// `value` is finite: there is no NaN and no infinity in Bay.
    @inline(__always) package static func float(_ value: Double) -> Value { Value(.float, bits: value.bitPattern) }
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    @inline(__always) package static func time(nanoseconds: Int64) -> Value {
        Value(.time, bits: UInt64(bitPattern: nanoseconds))
    }
    @inline(__always) package static func duration(nanoseconds: Int64) -> Value {
        Value(.duration, bits: UInt64(bitPattern: nanoseconds))
    }

    @inline(__always) var kindByte: UInt8 { UInt8(truncatingIfNeeded: meta) }
    /// SAFETY: every value is made by an initialiser above, with a `Kind` in its lowest byte.
    @inline(__always) package var kind: Kind { unsafe unsafeBitCast(kindByte, to: Kind.self) }
    @inline(__always) var length: Int { Int(meta &>> 32) }

    /// A list or object whose JSON text was validated but not taken apart yet: `bits` is the text's address.
    static var unreadFlag: UInt64 { 0x100 }
    @inline(__always) var isUnread: Bool { meta & Value.unreadFlag != 0 }

    @inline(__always) package var isNull: Bool { kindByte <= Kind.missing.rawValue }
    @inline(__always) var isInt: Bool { meta == Value.intMeta }
    @inline(__always) var isFloat: Bool { meta == Value.floatMeta }
    @inline(__always) static var intMeta: UInt64 { UInt64(Kind.int.rawValue) }
    @inline(__always) static var floatMeta: UInt64 { UInt64(Kind.float.rawValue) }
    @inline(__always) static var boolMeta: UInt64 { UInt64(Kind.bool.rawValue) }
    @inline(__always) var isNumber: Bool { isInt || isFloat }
    @inline(__always) var isString: Bool { kindByte == Kind.string.rawValue }
    @inline(__always) var isList: Bool { kindByte == Kind.list.rawValue }
    @inline(__always) var isObject: Bool { kindByte == Kind.object.rawValue }
    @inline(__always) var isTrue: Bool { meta == Value.boolMeta && bits != 0 }

    /// Valid for int, time, duration.
    @inline(__always) var int64: Int64 { Int64(bitPattern: bits) }
    /// Valid for float.
    @inline(__always) var double: Double { Double(bitPattern: bits) }
    /// Valid for int and float; an int beyond 2^53 is rounded.
    @inline(__always) var number: Double { isInt ? Double(int64) : double }

    /// Valid for string, bytes and secret. At least `BytePointer.paddingBytes` after the text may be read.
    /// SAFETY: `bits` of a text is the address of `length` bytes that live as long as the value.
    @inline(__always) var text: BytePointer {
        unsafe BytePointer(UnsafePointer(bitPattern: UInt(bits)).unsafelyUnwrapped)
    }
    @inline(__always) init(_ kind: Kind, text: BytePointer, count: Int) {
        self.init(kind, length: count, bits: text.addressBits)
    }
    @inline(__always) static func unread(_ kind: Kind, raw: BytePointer, count: Int) -> Value {
        Value(
            meta: UInt64(kind.rawValue) | unreadFlag | UInt64(UInt32(truncatingIfNeeded: count)) &<< 32,
            bits: raw.addressBits)
    }
}
