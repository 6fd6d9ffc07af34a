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

    /// - Parameters:
    ///   - arena: where the values live.
    ///   - scratch: used and left in any state; the pool's, so that it is not made anew each time.
    init(_ values: some Collection<Value>, in arena: Arena, scratch: inout OutputBuffer) throws(PostgresFailure) {
        for value in values {
            count += 1
            do throws(Fault) {
                try add(value, in: arena, &scratch)
            } catch {
                throw PostgresFailure(.invalid, "parameter $\(count): \(error.message)", mayHaveRun: false)
            }
        }
    }

    private mutating func add(_ value: Value, in arena: Arena, _ scratch: inout OutputBuffer) throws(Fault) {
        let start = bytes.count
        let place = slots.count
        let kind = try appendText(of: value, &scratch)
        let number = kind == .float ? value.asDouble ?? 0 : 0
        slots.append(Slot(kind: kind, range: start..<bytes.count, next: place + 1, float: number))
        guard kind == .list else { return }
        for item in value.items(in: arena) ?? [] { try add(item, in: arena, &scratch) }
        slots[place].next = slots.count
    }

    private mutating func appendText(of value: Value, _ scratch: inout OutputBuffer) throws(Fault) -> Slot.Kind {
        let kind: Slot.Kind
        switch value.kind {
        case .null, .missing: return .null
        case .string, .bytes:
            value.withUTF8 { bytes.append(span: $0) }
            return value.kind == .bytes ? .bytes : .string
        case .bool: kind = .bool
        case .int: kind = .int
        case .float: kind = .float
        case .time: kind = .time
        case .duration: kind = .duration
        case .list: kind = .list
        // The writer refuses the last three, and says why.
        case .object, .failure, .secret, .response, .range: kind = .object
        }
        scratch.clear()
        try scratch.append(json: value)
        // Times and durations are JSON strings without anything to escape: here without their quotes.
        let quotes = kind == .time || kind == .duration ? 1 : 0
        scratch.withBytes { bytes.append(span: $0.extracting(quotes..<($0.count - quotes))) }
        return kind
    }
}

extension [UInt8] {
    mutating func append(span: Span<UInt8>) {
        // SAFETY: the buffer is only read, and only inside of the closure.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
