// TextWriter.swift: scalars as people read them, into a piece of an arena that is known to be large enough.
//
// Neighbours: Fiber+Building.swift (interpolation), OutputBuffer.swift (the same for growing buffers).

struct TextWriter {
    private let start: MutableBytePointer
    private(set) var count = 0

    init(_ start: MutableBytePointer) { self.start = start }

    /// What was written, `count` bytes.
    var text: BytePointer { start.readable }

    /// A string, secret, number, bool, time or duration; nothing else.
    @inline(__always) mutating func append(_ value: Value) {
        switch value.kind {
        case .string, .secret:
            (start + count).copyPadded(from: value.text, count: value.length)
            count += value.length
        case .int: count += writeInt(value.int64, into: start + count)
        case .float: count += writeDouble(value.double, into: start + count)
        case .bool: append(value.bits != 0 ? "true" : "false")
        case .time: count += writeTime(value.int64, into: start + count)
        case .duration: count += writeDuration(value.int64, into: start + count)
        default: break
        }
    }

    mutating func append(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { start[count + offset] = unsafe text.utf8Start[offset] }
        count += text.utf8CodeUnitCount
    }
}
