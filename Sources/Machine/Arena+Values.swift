// Arena+Values.swift: building values; for the host, for builtins and for constants.
//
// The forms for cold code never fail: they may overdraw the arena (Arena.swift says what follows).
// Neighbours: Aggregate.swift, Box.swift (failures and responses).

extension Arena {
    // MARK: for cold code

    package func string(_ text: some StringProtocol) -> Value {
        var copy = String(text)
        return copy.withUTF8 { unsafe self.text(.string, $0) }
    }
    package func string(utf8 bytes: [UInt8]) -> Value {
        let repaired = String(decoding: bytes, as: UTF8.self)
        return string(repaired)
    }
    /// A string of these bytes; nil when they are not UTF-8.
    package func string(validating bytes: Span<UInt8>) -> Value? {
        guard (try? UTF8Span(validating: bytes)) != nil else { return nil }
        return unsafe bytes.withUnsafeBufferPointer { unsafe text(.string, $0) }
    }
    package func bytes(_ bytes: [UInt8]) -> Value { unsafe bytes.withUnsafeBufferPointer { unsafe text(.bytes, $0) } }
    package func bytes(_ bytes: Span<UInt8>) -> Value {
        unsafe bytes.withUnsafeBufferPointer { unsafe text(.bytes, $0) }
    }
    /// A text that logs, replies and messages must not show.
    package func secret(_ text: some StringProtocol) -> Value {
        var copy = String(text)
        return copy.withUTF8 { unsafe self.text(.secret, $0) }
    }

    package func list(_ items: [Value]) -> Value {
        let value = overdrawing(.list, count: items.count)
        for (position, item) in items.enumerated() { Aggregate(value).setValue(item, at: position) }
        return value
    }

    /// Keys in this order; of equal keys the last one wins.
    package func object(_ entries: [(String, Value)]) -> Value {
        var seen: [String: Int] = [:]
        var unique: [(String, Value)] = []
        for entry in entries {
            if let position = seen[entry.0] {
                unique[position].1 = entry.1
            } else {
                seen[entry.0] = unique.count
                unique.append(entry)
            }
        }
        let value = overdrawing(.object, count: unique.count)
        for (position, entry) in unique.enumerated() {
            Aggregate(value).setKey(string(entry.0), at: position)
            Aggregate(value).setValue(entry.1, at: position)
        }
        return value
    }

    package func value(of constant: Constant) -> Value {
        switch constant {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .float(let value): return .float(value)
        case .string(let value): return string(value)
        case .bytes(let value): return bytes(value)
        case .time(let value): return .time(nanoseconds: value)
        case .duration(let value): return .duration(nanoseconds: value)
        case .list(let items): return list(items.map { value(of: $0) })
        case .object(let entries): return object(entries.map { ($0.key, value(of: $0.value)) })
        }
    }

    private func text(_ kind: Value.Kind, _ bytes: UnsafeBufferPointer<UInt8>) -> Value {
        let memory = unsafe allocateOverdrawing(bytes.count + BytePointer.paddingBytes)
        if let source = bytes.baseAddress {
            unsafe memory.copyMemory(from: source, byteCount: bytes.count)
        }
        return Value(kind, length: bytes.count, bits: UInt64(UInt(bitPattern: memory)))
    }

    func overdrawing(_ kind: Value.Kind, count: Int) -> Value {
        if let value = try? aggregate(kind, count: count, capacity: count) { return value }
        let bytes = unsafe MemoryLayout<AggregateHeader>.stride + 16 + count * 32
        let memory = unsafe allocateOverdrawing(bytes)
        return unsafe place(kind, count: count, capacity: count, keys: nil, in: memory)
    }

    // MARK: for the run itself

    /// Room for a text of `count` bytes, with padding.
    @inline(__always) func textRoom(_ count: Int) throws(Fault) -> MutableBytePointer {
        unsafe MutableBytePointer(try allocate(count &+ BytePointer.paddingBytes))
    }

    func text(_ kind: Value.Kind, copying source: BytePointer, count: Int) throws(Fault) -> Value {
        let room = try textRoom(count)
        room.copy(from: source, count: count)
        return Value(kind, text: room.readable, count: count)
    }

    func text(_ kind: Value.Kind, _ bytes: [UInt8]) throws(Fault) -> Value {
        let room = try textRoom(bytes.count)
        for (offset, byte) in bytes.enumerated() { room[offset] = byte }
        return Value(kind, text: room.readable, count: bytes.count)
    }
}
