// ParameterSnapshot.swift: the operands of a statement, copied out of their arena.
//
// Made before `execute` returns, because the arena belongs to the fiber; how each value is written is decided later,
// when the server has said what type it wants. Neighbours: ParameterEncoder (that decision), StatementRequest.

internal import Machine

/// Values as text, in one buffer.
struct ParameterSnapshot {
    struct Slot {
        enum Kind: Equatable {
            case null
            /// Text as PostgreSQL reads it, and valid JSON at the same time.
            case bool, int, float
            case string
            case bytes
            /// RFC 3339, and `1.5s`: both are read by PostgreSQL as they are.
            case time, duration
            /// JSON; the slots of the items follow it directly.
            case list
            /// JSON.
            case object
        }
        let kind: Kind
        /// Into `bytes`.
        let range: Range<Int>
        /// The slot after this one and all inside of it.
        var next: Int
        let float: Double
    }

    private(set) var slots: [Slot] = []
    private(set) var bytes: [UInt8] = []
    /// Operands, not slots.
    private(set) var count = 0

    static let none = ParameterSnapshot()
    private init() {}

    /// `arena` is where the values live.
    init(_ values: some Collection<Value>, in arena: Arena) throws(PostgresFailure) {
        for value in values {
            count += 1
            try add(value, position: count, in: arena)
        }
    }

    private mutating func add(_ value: Value, position: Int, in arena: Arena) throws(PostgresFailure) {
        let start = bytes.count
        let place = slots.count
        let kind = try appendText(of: value, position: position, in: arena)
        let number = kind == .float ? value.asDouble ?? 0 : 0
        slots.append(Slot(kind: kind, range: start..<bytes.count, next: place + 1, float: number))
        guard kind == .list else { return }
        for item in value.items(in: arena) ?? [] { try add(item, position: position, in: arena) }
        slots[place].next = slots.count
    }

    private mutating func appendText(
        of value: Value, position: Int, in arena: Arena
    ) throws(PostgresFailure) -> Slot.Kind {
        switch value.kind {
        case .null, .missing: return .null
        case .bool:
            OperandText.append(value, in: arena, to: &bytes)
            return .bool
        case .int:
            OperandText.append(value, in: arena, to: &bytes)
            return .int
        case .float:
            OperandText.append(value, in: arena, to: &bytes)
            return .float
        case .string:
            value.withUTF8 { text in bytes.append(span: text) }
            return .string
        case .bytes:
            value.withUTF8 { text in bytes.append(span: text) }
            return .bytes
        case .time:
            appendUnquoted(value, in: arena)
            return .time
        case .duration:
            appendUnquoted(value, in: arena)
            return .duration
        case .list:
            OperandText.append(value, in: arena, to: &bytes)
            return .list
        case .object, .failure:
            OperandText.append(value, in: arena, to: &bytes)
            return .object
        case .secret, .response, .range:
            throw PostgresFailure(
                .invalid, "parameter $\(position) is a \(value.kind.name), which a statement cannot take",
                mayHaveRun: false)
        }
    }

    /// Times and durations are JSON strings without anything to escape.
    private mutating func appendUnquoted(_ value: Value, in arena: Arena) {
        let start = bytes.count
        OperandText.append(value, in: arena, to: &bytes)
        bytes.remove(at: start)
        bytes.removeLast()
    }
}

extension [UInt8] {
    mutating func append(span: Span<UInt8>) {
        reserveCapacity(count + span.count)
        for index in span.indices { append(span[index]) }
    }
}
