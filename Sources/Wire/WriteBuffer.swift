// WriteBuffer.swift: bytes on their way out, gathered in one growing piece of memory that is used again and again.
//
// Neighbours: HTTP1/HeadWriting.swift (writes heads into it); a loop owns one or two.

@safe package struct WriteBuffer: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int) {
        self.capacity = capacity
        unsafe start = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe start.deallocate() }

    package var isEmpty: Bool { count == 0 }

    /// Forgets the bytes, and the memory too where a rare large message made it grow beyond `capacityKept`.
    package mutating func removeAll(keepingAtMost capacityKept: Int = 1 << 20) {
        count = 0
        guard capacity > capacityKept else { return }
        unsafe start.deallocate()
        capacity = capacityKept
        unsafe start = .allocate(byteCount: capacityKept, alignment: 16)
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if capacity - count < bytes.count { grow(by: bytes.count) }
        unsafe (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    package mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { buffer in unsafe append(buffer) }
    }

    @inline(__always)
    package mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in unsafe append(UnsafeRawBufferPointer(utf8)) }
    }

    package mutating func append(byte: UInt8) {
        if capacity == count { grow(by: 1) }
        unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    package mutating func append(decimal number: Int) {
        precondition(number >= 0, "counts and statuses are not negative")
        if capacity - count < 20 { grow(by: 20) }
        var digits = 1
        var bound = 10
        while digits < 19, number >= bound { (digits, bound) = (digits + 1, bound &* 10) }
        var rest = number
        for place in stride(from: digits - 1, through: 0, by: -1) {
            unsafe start.storeBytes(of: UInt8(0x30 + rest % 10), toByteOffset: count + place, as: UInt8.self)
            rest /= 10
        }
        count += digits
    }

    /// The gathered bytes; the buffer is not to be changed meanwhile.
    package borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    private mutating func grow(by more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe moved.copyMemory(from: start, byteCount: count)
        unsafe start.deallocate()
        unsafe start = moved
        capacity = larger
    }
}
