// Value+Access.swift: reading a value from cold code: the host, tests, messages.
//
// Lists and objects are opened on the way; when the run's memory does not hold that, it is overdrawn rather than
// misread. Neighbours: Aggregate.swift, JSONWriter.swift.

extension Value {
    package var asInt: Int64? { isInt ? int64 : nil }
    /// Of a float or an int.
    package var asDouble: Double? { isNumber ? number : nil }
    package var asBool: Bool? { kind == .bool ? bits != 0 : nil }
    package var asString: String? { isString ? text.string(length) : nil }
    package var asBytes: [UInt8]? {
        kind == .bytes ? unsafe Array(text.buffer(length)) : nil
    }
    /// A secret's text, for the one who hands it to the world: connection strings, headers.
    package var asSecret: String? { kind == .secret ? text.string(length) : nil }
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    package var asTimeNanoseconds: Int64? { kind == .time ? int64 : nil }
    package var asDurationNanoseconds: Int64? { kind == .duration ? int64 : nil }

    /// Bytes of a string, bytes or secret; empty otherwise.
    package func withUTF8<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        switch kind {
        case .string, .bytes, .secret: return unsafe try body(text.buffer(length).span)
        default: return unsafe try body(UnsafeBufferPointer(start: nil, count: 0).span)
        }
    }

    /// How many items or entries; 0 for anything else.
    package func count(in arena: Arena) -> Int { isList || isObject ? opened(in: arena).length : 0 }

    /// Items of a list; nil for anything else.
    package func items(in arena: Arena) -> [Value]? {
        guard isList else { return nil }
        let list = Aggregate(opened(in: arena))
        return (0..<list.count).map { list.value(at: $0) }
    }

    /// Entries of an object in their order; nil for anything else.
    package func entries(in arena: Arena) -> [(key: String, value: Value)]? {
        guard isObject else { return nil }
        let object = Aggregate(opened(in: arena))
        return (0..<object.count).map {
            (object.key(at: $0).text.string(object.key(at: $0).length), object.value(at: $0))
        }
    }

    /// A field of an object; null for a missing one and for anything else.
    package func field(_ key: String, in arena: Arena) -> Value {
        guard isObject else { return .null }
        let object = Aggregate(opened(in: arena))
        var copy = key
        return copy.withUTF8 { bytes in
            for position in 0..<object.count {
                let candidate = object.key(at: position)
                if candidate.length == bytes.count, unsafe candidate.text.buffer(candidate.length).elementsEqual(bytes)
                {
                    return object.value(at: position)
                }
            }
            return .null
        }
    }

    /// The same value with its first level taken apart, when it is a list or object that nobody has looked into. Reading
    /// several fields of one value opens it once this way, instead of once a field.
    package func opened(in arena: Arena) -> Value {
        if !isUnread { return self }
        return arena.openOverdrawing(self)
    }
}

extension Arena {
    /// Opens whatever the limit says; a run that is over it ends at its next step.
    func openOverdrawing(_ value: Value) -> Value {
        if let opened = try? open(value) { return opened }
        let limit = unsafe state.pointee.limitBytes
        unsafe state.pointee.limitBytes = Int.max / 4
        defer {
            unsafe state.pointee.limitBytes = limit
            unsafe state.pointee.isOverdrawn = true
        }
        return (try? open(value)) ?? .null
    }
}
