// KeptValue.swift: a value as text that outlives its run, and the same value again, kind for kind.
//
// JSON, readable by people, in which what JSON has no kind for is an object with the key `$kind`: times and durations
// (nanoseconds), bytes (base64), failures. JSON that nobody has looked into is copied as it came; where such text, or an
// object of the script, has a `$` of its own in a key, it is wrapped, so that it is not taken for one of those.
// Neighbours: JSONWriter.swift (values for others), Engine/Inbox.swift (keeps what a handler did).

internal import Diagnostics

extension Fault {
    static func tooDeepToKeep(_ limit: Int) -> Fault {
        Fault(.nestedTooDeep, "a value nested deeper than \(limit) cannot be kept")
    }
}

private enum KeptKind: String {
    case time, duration, bytes, failure
    /// JSON as it came.
    case json
    /// An object with a key that begins with `$`: a list of its keys and values in turn.
    case object

    static let key = "$kind"
}

extension Value {
    /// The value as text, in UTF-8.
    ///
    /// - Parameter arena: where it would be read again.
    /// - Throws: `secretLeak` for a secret, `wrongKind` for a response, `nestedTooDeep`, `outOfMemory` above 64 MB.
    package func keptText(in arena: Arena) throws(Fault) -> [UInt8] {
        var buffer = OutputBuffer()
        try buffer.append(kept: self, depth: 0)
        let text = buffer.array
        // Tags nest, and text that is copied brings its own depth: what could not be read again is not kept.
        let scratch = OwnedArena(jsonDepthMax: UInt16(clamping: arena.jsonDepthMax))
        guard (try? scratch.arena.json(text)) != nil else { throw .tooDeepToKeep(arena.jsonDepthMax) }
        return text
    }
}

extension Value {
    /// The text of what is JSON as it came; nil for all else.
    var jsonText: (text: BytePointer, length: Int)? {
        guard isList || isObject else { return nil }
        if isUnread { return (text, length) }
        let aggregate = Aggregate(self)
        return aggregate.raw.map { ($0, aggregate.rawCount) }
    }
}

extension OutputBuffer {
    private static var keptBytesMax: Int { 64 << 20 }

    mutating func append(kept value: Value, depth: Int) throws(Fault) {
        guard depth < Self.nestingMax else { throw .tooDeepToKeep(Self.nestingMax) }
        switch value.kind {
        case .time, .duration:
            append(opening: value.kind == .time ? .time : .duration)
            append(int: value.int64)
            append(UInt8(ascii: "}"))
        case .bytes:
            append(opening: .bytes)
            try append(json: value)
            append(UInt8(ascii: "}"))
        case .failure: try append(keptFailure: value, depth: depth)
        case .list, .object: try append(keptAggregate: value, depth: depth)
        case .response: throw Fault(.wrongKind, "a response cannot be kept: it is made anew from what is kept")
        default: try append(json: value)
        }
        if count > Self.keptBytesMax { throw .outOfMemory(limitBytes: Self.keptBytesMax) }
    }

    /// `{"$kind":"time","value":`
    private mutating func append(opening kind: KeptKind) {
        append("{\"\(KeptKind.key)\":\"\(kind.rawValue)\",\"value\":")
    }

    private mutating func append(keptFailure value: Value, depth: Int) throws(Fault) {
        guard let parts = value.failureParts else { return }
        append(opening: .failure)
        append("[\"\(parts.failureClass.name)\",\(parts.origin == .effect),")
        try append(kept: parts.message, depth: depth + 1)
        append(UInt8(ascii: ","))
        try append(kept: parts.details, depth: depth + 1)
        append("]}")
    }

    private mutating func append(keptAggregate value: Value, depth: Int) throws(Fault) {
        if let raw = value.jsonText { return append(raw: raw.text, raw.length) }
        let aggregate = Aggregate(value)
        guard value.isObject else { return try append(keptList: aggregate, depth: depth) }
        let isPlain = (0..<aggregate.count).allSatisfy { position in
            let key = aggregate.key(at: position)
            return key.length == 0 || key.text[0] != UInt8(ascii: "$")
        }
        if !isPlain { append(opening: .object) }
        append(isPlain ? UInt8(ascii: "{") : UInt8(ascii: "["))
        for position in 0..<aggregate.count {
            if position > 0 { append(UInt8(ascii: ",")) }
            let key = aggregate.key(at: position)
            append(quoted: key.text, key.length)
            append(isPlain ? UInt8(ascii: ":") : UInt8(ascii: ","))
            try append(kept: aggregate.value(at: position), depth: depth + 1)
        }
        append(isPlain ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        if !isPlain { append(UInt8(ascii: "}")) }
    }

    private mutating func append(keptList list: Aggregate, depth: Int) throws(Fault) {
        append(UInt8(ascii: "["))
        for position in 0..<list.count {
            if position > 0 { append(UInt8(ascii: ",")) }
            try append(kept: list.value(at: position), depth: depth + 1)
        }
        append(UInt8(ascii: "]"))
    }

    /// JSON as it came. A `$` may be spelt `\u0024`.
    private mutating func append(raw text: BytePointer, _ length: Int) {
        let isPlain = (0..<length).allSatisfy { place in
            text[place] != UInt8(ascii: "$")
                && (text[place] != UInt8(ascii: "\\") || text[place + 1] != UInt8(ascii: "u"))
        }
        if !isPlain { append(opening: .json) }
        append(text, length)
        if !isPlain { append(UInt8(ascii: "}")) }
    }
}

extension Arena {
    /// The value that `keptText` was made of; nil when the text is none of that.
    package func value(kept text: [UInt8]) -> Value? {
        guard let whole = try? json(text) else { return nil }
        return value(kept: whole, depth: 0)
    }

    private func value(kept value: Value, depth: Int) -> Value? {
        // Tags and failures stand one level deeper than what they tell of.
        guard depth <= 2 * jsonDepthMax else { return nil }
        // Without a tag it is JSON as it came, numbers of any length included.
        if let raw = value.jsonText, (0..<raw.length).allSatisfy({ raw.text[$0] != UInt8(ascii: "$") }) { return value }
        if let items = value.items(in: self) {
            var kept: [Value] = []
            for item in items {
                guard let one = self.value(kept: item, depth: depth + 1) else { return nil }
                kept.append(one)
            }
            return list(kept)
        }
        guard let entries = value.entries(in: self) else { return value }
        if let first = entries.first, first.key == KeptKind.key { return tagged(first.value, entries, depth: depth) }
        var kept: [(String, Value)] = []
        for entry in entries {
            guard let one = self.value(kept: entry.value, depth: depth + 1) else { return nil }
            kept.append((entry.key, one))
        }
        return object(kept)
    }

    private func tagged(_ name: Value, _ entries: [(key: String, value: Value)], depth: Int) -> Value? {
        guard let kind = name.asString.flatMap(KeptKind.init(rawValue:)), entries.count == 2 else { return nil }
        let content = entries[1].value
        switch kind {
        case .json: return content
        case .time: return content.asInt.map { .time(nanoseconds: $0) }
        case .duration: return content.asInt.map { .duration(nanoseconds: $0) }
        case .bytes: return content.base64Decoded.map { bytes($0) }
        case .object:
            guard let parts = content.items(in: self), parts.count.isMultiple(of: 2) else { return nil }
            var kept: [(String, Value)] = []
            for position in stride(from: 0, to: parts.count, by: 2) {
                guard let key = parts[position].asString, let one = value(kept: parts[position + 1], depth: depth + 1)
                else { return nil }
                kept.append((key, one))
            }
            return object(kept)
        case .failure:
            guard let parts = content.items(in: self), parts.count == 4, let word = parts[0].asString,
                let failureClass = FailureClass(name: word), let isEffect = parts[1].asBool,
                let message = value(kept: parts[2], depth: depth + 1)?.asString,
                let details = value(kept: parts[3], depth: depth + 1)
            else { return nil }
            return failure(
                class: failureClass, message: message, details: details, origin: isEffect ? .effect : .script)
        }
    }
}
