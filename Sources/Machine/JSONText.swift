// JSONText.swift: from bytes of unknown origin to a checked value.
//
// Neighbours: JSONScanner.swift (syntax), JSONScanner+Fields.swift (the other entry), JSONTree.swift (cold code's tree).

extension Arena {
    /// Validates a whole document, strictly; lists and objects keep their text, and below the first levels they are
    /// taken apart when looked into.
    ///
    /// - Parameter copy: whether the bytes are copied into the arena. With `false` they must stay, unchanged, as long
    ///   as the arena's values, and sixteen bytes after them must be readable; unless those are zero it copies all the
    ///   same.
    /// - Throws: what is wrong, and at which byte.
    package func json(_ bytes: UnsafeRawBufferPointer, copy: Bool) throws(JSONError) -> Value {
        var scanner = unsafe try scanner(over: bytes, copy: copy)
        return try scanner.document()
    }

    package func json(_ bytes: Span<UInt8>) throws(JSONError) -> Value {
        var result: Result<Value, JSONError> = .success(.null)
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                result = unsafe .success(try json(buffer, copy: true))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    package func json(_ bytes: [UInt8]) throws(JSONError) -> Value { try json(bytes.span) }

    package func json(_ text: some StringProtocol) throws(JSONError) -> Value { try json(Array(text.utf8)) }

    /// A scanner over text with a zero behind it, known to be UTF-8.
    func scanner(
        over bytes: UnsafeRawBufferPointer, copy: Bool, fields: FieldSlots = .none
    ) throws(JSONError) -> JSONScanner {
        let count = bytes.count
        guard count < Int(UInt32.max) else { throw JSONError(reason: .outOfMemory, offset: 0) }
        var text: BytePointer
        if !copy, let base = bytes.baseAddress {
            text = unsafe BytePointer(base.assumingMemoryBound(to: UInt8.self))
            if (text + count).word != 0 { text = unsafe try copied(bytes) }
        } else {
            text = unsafe try copied(bytes)
        }
        if !isASCII(text, count: count), !isUTF8(text, count: count) {
            throw JSONError(reason: .invalidUTF8, offset: firstInvalidUTF8(text, count: count))
        }
        return JSONScanner(text, count: count, arena: self, fields: fields)
    }

    private func copied(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> BytePointer {
        guard let room = try? textRoom(bytes.count) else { throw JSONError(reason: .outOfMemory, offset: 0) }
        if let base = bytes.baseAddress {
            room.copy(from: unsafe BytePointer(base.assumingMemoryBound(to: UInt8.self)), count: bytes.count)
        }
        (room + bytes.count).zero(BytePointer.paddingBytes)
        return room.readable
    }
}

extension JSONScanner {
    /// The whole text is one value.
    mutating func document() throws(JSONError) -> Value {
        try beginDocument()
        let result = try value(depth: 0)
        try endDocument()
        return result
    }

    mutating func beginDocument() throws(JSONError) {
        skipWhitespace()
        if place == end { throw error(.empty) }
        if place.byte == 0xef, place[1] == 0xbb, place[2] == 0xbf { throw error(.byteOrderMark) }
    }

    mutating func endDocument() throws(JSONError) {
        skipWhitespace()
        if place < end { throw error(.trailingText) }
    }
}

/// Is every byte below 0x80? Reads up to fifteen bytes past the text.
///
/// Four words at a time: measured at 63 GB/s, where `SIMD32<UInt8>` is compiled lane by lane.
func isASCII(_ text: BytePointer, count: Int) -> Bool {
    var place = text
    let end = text + count
    var bits: UInt64 = 0
    while place + 32 < end {
        bits |= place.word | (place + 8).word | (place + 16).word | (place + 24).word
        place += 32
    }
    while place + 8 < end {
        bits |= place.word
        place += 8
    }
    let rest = end - place
    if rest > 0 { bits |= place.word &<< UInt64(64 &- rest &* 8) }
    return bits & 0x8080_8080_8080_8080 == 0
}

func isUTF8(_ text: BytePointer, count: Int) -> Bool {
    let buffer = unsafe text.buffer(count)
    return unsafe (try? UTF8Span(validating: buffer.span)) != nil
}

private func firstInvalidUTF8(_ text: BytePointer, count: Int) -> Int {
    let buffer = unsafe text.buffer(count)
    do throws(Unicode.UTF8.ValidationError) {
        _ = unsafe try UTF8Span(validating: buffer.span)
        return 0
    } catch {
        return error.byteOffsets.lowerBound
    }
}
