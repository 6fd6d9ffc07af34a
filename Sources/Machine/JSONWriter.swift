// JSONWriter.swift: a value as JSON text.
//
// What came from JSON and was not changed is copied as it came, numbers of any length and white space included. Times
// are RFC 3339, durations seconds (`"0.25s"`), bytes base64; a secret is never written.
// Neighbours: OutputBuffer.swift, JSONOpening.swift (keeps the text), Base64.swift.

internal import Diagnostics

extension OutputBuffer {
    /// Lists and objects inside each other that a handler has made. What it read is written as it came.
    static var nestingMax: Int { Int(FiberLimits.jsonDepthStandard) }

    /// Appends a value.
    ///
    /// - Parameter limitBytes: how long the buffer may become; shared parts are written as often as they occur.
    /// - Throws: `secretLeak`, `nestedTooDeep`, `outOfMemory` at the limit, `wrongKind` for a response.
    package mutating func append(json value: Value, limitBytes: Int = 64 << 20) throws(Fault) {
        try append(json: value, depth: 0, limitBytes: limitBytes)
    }

    private mutating func append(json value: Value, depth: Int, limitBytes: Int) throws(Fault) {
        switch value.kind {
        case .null, .missing: append("null")
        case .bool: if value.bits != 0 { append("true") } else { append("false") }
        case .int: append(int: value.int64)
        case .float: append(float: value.double)
        case .string: append(quoted: value.text, value.length)
        case .bytes: append(base64: value)
        case .time:
            append(UInt8(ascii: "\""))
            append(time: value.int64)
            append(UInt8(ascii: "\""))
        case .duration:
            append(UInt8(ascii: "\""))
            append(duration: value.int64)
            append(UInt8(ascii: "\""))
        case .list, .object: try append(aggregate: value, depth: depth, limitBytes: limitBytes)
        case .failure: try append(failure: value, depth: depth, limitBytes: limitBytes)
        case .secret: throw Fault(.secretLeak, "a secret would be written as JSON")
        case .response, .range: throw Fault(.wrongKind, "a \(value.kind.name) cannot be written as JSON")
        }
        if count > limitBytes { throw .outOfMemory(limitBytes: limitBytes) }
    }

    private mutating func append(aggregate value: Value, depth: Int, limitBytes: Int) throws(Fault) {
        if value.isUnread { return append(value.text, value.length) }
        let aggregate = Aggregate(value)
        if let raw = aggregate.raw { return append(raw, aggregate.rawCount) }
        guard depth < Self.nestingMax else {
            throw Fault(.nestedTooDeep, "a value nested deeper than \(Self.nestingMax) cannot be written as JSON")
        }
        let isObject = value.isObject
        append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        for position in 0..<aggregate.count {
            if position > 0 { append(UInt8(ascii: ",")) }
            if isObject {
                let key = aggregate.key(at: position)
                append(quoted: key.text, key.length)
                append(UInt8(ascii: ":"))
            }
            try append(json: aggregate.value(at: position), depth: depth + 1, limitBytes: limitBytes)
        }
        append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    private mutating func append(failure value: Value, depth: Int, limitBytes: Int) throws(Fault) {
        guard let parts = value.failureParts else { return }
        append("{\"class\":\"")
        append(parts.failureClass.name)
        append("\",\"message\":")
        try append(json: parts.message, depth: depth + 1, limitBytes: limitBytes)
        append(",\"details\":")
        try append(json: parts.details, depth: depth + 1, limitBytes: limitBytes)
        append(UInt8(ascii: "}"))
    }

    private mutating func append(base64 value: Value) {
        append(UInt8(ascii: "\""))
        reserve(Base64.encodedCount(value.length))
        Base64.encode(value.text, value.length) { append($0) }
        append(UInt8(ascii: "\""))
    }

    /// A JSON string of UTF-8 text with padding behind it.
    mutating func append(quoted text: BytePointer, _ length: Int) {
        var clean = text
        let end = text + length
        var place = TextMarks.first(from: text, before: end)
        append(UInt8(ascii: "\""))
        while place < end {
            append(clean, place - clean)
            append(escape: place.byte)
            clean = place + 1
            place = TextMarks.first(from: clean, before: end)
        }
        append(clean, end - clean)
        append(UInt8(ascii: "\""))
    }

    package mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 {
                append(escape: byte)
            } else {
                append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0a: append(UInt8(ascii: "n"))
        case 0x0c: append(UInt8(ascii: "f"))
        case 0x0d: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(lowercaseHexDigit(byte >> 4))
            append(lowercaseHexDigit(byte & 15))
        }
    }
}

/// `0`…`f`
func lowercaseHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

extension Value {
    /// This value as JSON text, for cold code.
    package func json() throws(Fault) -> [UInt8] {
        var buffer = OutputBuffer()
        try buffer.append(json: self)
        return buffer.array
    }
}

extension Arena {
    /// A value as a string of JSON.
    func jsonText(of value: Value) throws(Fault) -> Value {
        var buffer = OutputBuffer()
        try buffer.append(json: value, limitBytes: limitBytes)
        return try text(.string, buffer.array)
    }
}
