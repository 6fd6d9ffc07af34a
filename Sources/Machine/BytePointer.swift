// BytePointer.swift: where scanners and texts read and write, as a value with arithmetic.
//
// One place holds the unsafe loads, so that scanner and interpreter read as plain code. Eight-byte loads may run
// past a text's end: all memory that texts live in has padding after it.
// Neighbours: Arena.swift (keeps the padding), JSONScanner.swift (reads by it).

/// A place in bytes that somebody else keeps alive.
///
/// SAFETY: whoever makes one vouches that the bytes it will read, and `paddingBytes` after them, stay mapped while
/// it is used. Made by Arena, Program and the scanner's entry only.
@safe struct BytePointer: BitwiseCopyable {
    /// Readable bytes behind every text.
    static var paddingBytes: Int { 16 }

    private let pointer: UnsafePointer<UInt8>

    @inline(__always) init(_ pointer: UnsafePointer<UInt8>) { unsafe self.pointer = pointer }

    @inline(__always) var addressBits: UInt64 { unsafe UInt64(UInt(bitPattern: pointer)) }
    @inline(__always) var byte: UInt8 { unsafe pointer.pointee }
    @inline(__always) subscript(offset: Int) -> UInt8 { unsafe pointer[offset] }
    /// The next eight bytes, the first one lowest.
    @inline(__always) var word: UInt64 {
        unsafe UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }
    @inline(__always) var word32: UInt32 {
        unsafe UInt32(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self))
    }
    @inline(__always) var sixteen: SIMD16<UInt8> {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<UInt8>.self)
    }
    @inline(__always) func buffer(_ count: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: pointer, count: count)
    }
    @inline(__always) func string(_ count: Int) -> String { unsafe String(decoding: buffer(count), as: UTF8.self) }

    @inline(__always) static func + (left: BytePointer, right: Int) -> BytePointer {
        unsafe BytePointer(left.pointer + right)
    }
    @inline(__always) static func += (left: inout BytePointer, right: Int) { left = left + right }
    @inline(__always) static func - (left: BytePointer, right: BytePointer) -> Int {
        unsafe left.pointer - right.pointer
    }
    @inline(__always) static func < (left: BytePointer, right: BytePointer) -> Bool {
        unsafe left.pointer < right.pointer
    }
    @inline(__always) static func == (left: BytePointer, right: BytePointer) -> Bool {
        unsafe left.pointer == right.pointer
    }
}

/// A place to write bytes; the same vow as for `BytePointer`, without the padding.
@safe struct MutableBytePointer: BitwiseCopyable {
    private let pointer: UnsafeMutablePointer<UInt8>

    @inline(__always) init(_ pointer: UnsafeMutablePointer<UInt8>) { unsafe self.pointer = pointer }
    @inline(__always) init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer.assumingMemoryBound(to: UInt8.self)
    }
    @inline(__always) var readable: BytePointer { unsafe BytePointer(UnsafePointer(pointer)) }
    @inline(__always) subscript(offset: Int) -> UInt8 {
        get { unsafe pointer[offset] }
        nonmutating set { unsafe pointer[offset] = newValue }
    }
    @inline(__always) static func + (left: MutableBytePointer, right: Int) -> MutableBytePointer {
        unsafe MutableBytePointer(left.pointer + right)
    }
    @inline(__always) func copy(from source: BytePointer, count: Int) {
        guard count > 0 else { return }
        unsafe UnsafeMutableRawPointer(pointer).copyMemory(
            from: UnsafeRawPointer(bitPattern: UInt(source.addressBits)).unsafelyUnwrapped, byteCount: count)
    }
    /// Copies `count` bytes, in pieces of sixteen: reads and writes up to fifteen bytes more.
    @inline(__always) func copyPadded(from source: BytePointer, count: Int) {
        if count <= 16 {
            unsafe UnsafeMutableRawPointer(pointer).storeBytes(
                of: UnsafeRawPointer(bitPattern: UInt(source.addressBits)).unsafelyUnwrapped
                    .loadUnaligned(as: SIMD2<UInt64>.self), as: SIMD2<UInt64>.self)
        } else {
            copy(from: source, count: count)
        }
    }
    @inline(__always) func zero(_ count: Int) {
        unsafe UnsafeMutableRawPointer(pointer).initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }
}

/// Are `count` bytes the same? Reads up to seven bytes past them.
@inline(__always) func bytesEqual(_ left: BytePointer, _ right: BytePointer, _ count: Int) -> Bool {
    if count <= 8 {
        return count == 0 || (left.word ^ right.word) &<< UInt64(64 &- count &* 8) == 0
    }
    var offset = 0
    while offset &+ 8 <= count {
        if (left + offset).word != (right + offset).word { return false }
        offset &+= 8
    }
    return (left + (count &- 8)).word == (right + (count &- 8)).word
}

/// Bytewise order, which is code point order: negative, zero or positive.
func bytesCompared(_ left: BytePointer, _ leftCount: Int, _ right: BytePointer, _ rightCount: Int) -> Int {
    let shared = min(leftCount, rightCount)
    var offset = 0
    while offset < shared {
        let x = (left + offset).word.bigEndian
        let y = (right + offset).word.bigEndian
        if x != y {
            let position = offset + (x ^ y).leadingZeroBitCount / 8
            return position < shared ? (x < y ? -1 : 1) : leftCount - rightCount
        }
        offset += 8
    }
    return leftCount - rightCount
}

/// Of two strings, bytewise: negative, zero or positive.
package func compareTexts(_ left: Value, _ right: Value) -> Int {
    bytesCompared(left.text, left.length, right.text, right.length)
}
