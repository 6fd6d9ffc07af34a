// HeaderFields.swift: a head that was received, owned, with its field lines found by offset.
//
// One allocation: the places of the lines first, then a copy of the head's bytes. Strings are made only of what is
// asked for. Names compare without regard to case; a repeated name keeps its lines.
// Neighbours: RequestHead.swift and ResponseHead.swift, which make it.

/// Where one field line's name and value lie in the head's bytes.
struct FieldSlice: BitwiseCopyable, Sendable {
    var nameStart: UInt16 = 0
    var nameCount: UInt16 = 0
    var valueStart: UInt16 = 0
    var valueCount: UInt16 = 0
}

package struct HeaderFields: Sendable {
    private static let sliceBytes = 8

    /// `count` slices of four 16-bit numbers, then the bytes that they count in.
    private let storage: [UInt8]
    /// The number of field lines.
    package let count: Int

    /// No fields.
    package init() {
        storage = []
        count = 0
    }

    /// Fields from a program rather than from the wire, for tests and in-process calls.
    package init(_ fields: [(name: String, value: String)]) {
        var text: [UInt8] = []
        var slices: [FieldSlice] = []
        for (name, value) in fields {
            let nameStart = text.count
            text += Array(name.utf8)
            let valueStart = text.count
            text += Array(value.utf8)
            precondition(text.count <= Int(UInt16.max), "header fields of a program fit in 64 KiB")
            slices.append(
                FieldSlice(
                    nameStart: UInt16(nameStart), nameCount: UInt16(valueStart - nameStart),
                    valueStart: UInt16(valueStart), valueCount: UInt16(text.count - valueStart)))
        }
        self.init(head: text.span, slices: slices.span)
    }

    /// Copies a parsed head.
    init(head: Span<UInt8>, slices: Span<FieldSlice>) {
        let slicesBytes = slices.count * Self.sliceBytes
        count = slices.count
        storage = unsafe [UInt8](unsafeUninitializedCapacity: slicesBytes + head.count) { buffer, initialized in
            let destination = UnsafeMutableRawBufferPointer(buffer)
            unsafe slices.withUnsafeBytes { source in unsafe destination.copyMemory(from: source) }
            unsafe head.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: destination[slicesBytes...]).copyMemory(from: source)
            }
            initialized = slicesBytes + head.count
        }
    }

    package var isEmpty: Bool { count == 0 }

    /// The first value of the field, without regard to the name's case; nil when there is none.
    package subscript(name: String) -> String? {
        index(of: name, from: 0).map(value(at:))
    }

    /// All values of the field, in order.
    package func values(of name: String) -> [String] {
        var found: [String] = []
        var next = 0
        while let index = index(of: name, from: next) {
            found.append(value(at: index))
            next = index + 1
        }
        return found
    }

    package func contains(_ name: String) -> Bool { index(of: name, from: 0) != nil }

    /// Whether the first value of the field is exactly `expected`; makes no String.
    package func matches(_ name: String, _ expected: String) -> Bool {
        guard let index = index(of: name, from: 0) else { return false }
        let slice = slice(at: index)
        let value = storage.span.extracting(bytesRange(slice.valueStart, slice.valueCount))
        let wanted = expected.utf8Span.span
        guard value.count == wanted.count else { return false }
        for offset in 0..<wanted.count where value[offset] != wanted[offset] { return false }
        return true
    }

    /// All fields in order, names in lower case.
    package var all: [(name: String, value: String)] {
        (0..<count).map { (name(at: $0), value(at: $0)) }
    }

    package func name(at index: Int) -> String {
        let slice = slice(at: index)
        return String(decoding: storage[bytesRange(slice.nameStart, slice.nameCount)], as: UTF8.self).lowercased()
    }

    package func value(at index: Int) -> String {
        let slice = slice(at: index)
        return text(at: slice.valueStart, count: slice.valueCount)
    }

    /// Text at an offset of the head's bytes.
    func text(at start: UInt16, count: UInt16) -> String {
        String(decoding: storage[bytesRange(start, count)], as: UTF8.self)
    }

    private func bytesRange(_ start: UInt16, _ length: UInt16) -> Range<Int> {
        let first = count * Self.sliceBytes + Int(start)
        return first..<first + Int(length)
    }

    private func slice(at index: Int) -> FieldSlice {
        precondition(index >= 0 && index < count, "header field index out of range")
        // SAFETY: the first `count * 8` bytes of the storage are slices, put there by `init`.
        return unsafe storage.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: index * Self.sliceBytes, as: FieldSlice.self)
    }

    private func index(of name: String, from start: Int) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            for index in start..<max(start, count) {
                let slice = slice(at: index)
                guard Int(slice.nameCount) == wanted.count else { continue }
                if unsafe isName(at: slice, wanted) { return index }
            }
            return nil
        }
    }

    private func isName(at slice: FieldSlice, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = storage.span
        let start = count * Self.sliceBytes + Int(slice.nameStart)
        for offset in 0..<wanted.count {
            let byte = unsafe wanted[offset]
            if bytes[start + offset].lowercased != byte.lowercased { return false }
        }
        return true
    }
}
