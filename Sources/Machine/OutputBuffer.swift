// OutputBuffer.swift: bytes on their way out, in memory that is used again.
//
// One per loop or connection; cleared, it keeps its memory. Neighbours: JSONWriter.swift (fills it),
// NumberText.swift, TimeText.swift.

/// A growing run of bytes with one owner.
@safe package struct OutputBuffer: ~Copyable {
    /// No number, bool, time or duration is longer in text.
    static var scalarMax: Int { 40 }

    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 1024) {
        self.capacity = max(64, capacity)
        unsafe memory = .allocate(capacity: self.capacity + BytePointer.paddingBytes)
    }

    deinit { unsafe memory.deallocate() }

    /// Empty again; the memory stays.
    package mutating func clear() { count = 0 }

    /// What was written. Valid inside of `body`.
    package borrowing func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        unsafe try body(UnsafeBufferPointer(start: memory, count: count).span)
    }

    package var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }

    /// Room for `more` bytes, and for padding that copies may touch.
    @inline(__always) mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow(more) }
    }

    @inline(never) private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + BytePointer.paddingBytes)
        unsafe moved.update(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = unsafe moved
        capacity = larger
    }

    /// The next free byte; only as far as was reserved.
    @inline(__always) private var tip: MutableBytePointer { unsafe MutableBytePointer(memory + count) }

    @inline(__always) package mutating func append(_ byte: UInt8) {
        reserve(1)
        tip[0] = byte
        count &+= 1
    }

    package mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        for offset in 0..<text.utf8CodeUnitCount { tip[offset] = unsafe text.utf8Start[offset] }
        count += text.utf8CodeUnitCount
    }

    package mutating func append(_ text: some StringProtocol) {
        for byte in text.utf8 { append(byte) }
    }

    package mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        for (offset, byte) in bytes.enumerated() { tip[offset] = byte }
        count += bytes.count
    }

    /// Text of an arena or program, which has padding behind it.
    @inline(__always) mutating func append(_ text: BytePointer, _ length: Int) {
        reserve(length)
        tip.copyPadded(from: text, count: length)
        count &+= length
    }

    @inline(__always) mutating func append(int value: Int64) {
        reserve(Self.scalarMax)
        count &+= writeInt(value, into: tip)
    }
    @inline(__always) mutating func append(float value: Double) {
        reserve(Self.scalarMax)
        count &+= writeDouble(value, into: tip)
    }
    mutating func append(time nanoseconds: Int64) {
        reserve(Self.scalarMax)
        count += writeTime(nanoseconds, into: tip)
    }
    mutating func append(duration nanoseconds: Int64) {
        reserve(Self.scalarMax)
        count += writeDuration(nanoseconds, into: tip)
    }
}
