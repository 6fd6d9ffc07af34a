// ByteScan.swift: how far names and values reach, eight bytes at a time in one 64-bit number.
//
// Each byte is tested in its own eight bits: with the top bit taken away first, an addition cannot carry into the
// neighbour, and its own top bit then says "at least". `SIMD8` says the same more prettily, but Swift 6.3 compiles its
// masks lane by lane: it took three times the instructions of a plain loop over bytes (callgrind).
// Whatever the eight-byte step does not recognise is decided by the byte sets of ByteClass.swift.
// Neighbours: FieldLines.swift, HeadWriting.swift.

extension Span<UInt8> {
    /// The first position from `start` on that is no tchar; the count when there is none.
    func endOfToken(from start: Int) -> Int {
        var position = start
        while count &- position >= 8 {
            let whole = eightBytes(at: position)
            let low = whole & every(0x7F)
            let lowercase = low | every(0x20)
            let letter = (lowercase &+ every(0x80 - 0x61)) & ~(lowercase &+ every(0x80 - 0x7B))
            let digit = (low &+ every(0x80 - 0x30)) & ~(low &+ every(0x80 - 0x3A))
            let dash = ~((low ^ every(0x2D)) &+ every(0x7F))
            let others = ~((letter | digit | dash) & ~whole) & every(0x80)
            guard others != 0 else {
                position &+= 8
                continue
            }
            position &+= others.trailingZeroBitCount / 8
            guard self[position].isToken else { return position }
            position &+= 1
        }
        while position < count, self[position].isToken { position &+= 1 }
        return position
    }

    /// The first position from `start` on that may not stand in a field's value; the count when there is none.
    func endOfValue(from start: Int) -> Int {
        var position = start
        while count &- position >= 8 {
            let whole = eightBytes(at: position)
            let low = whole & every(0x7F)
            let visible = (low &+ every(0x80 - 0x20)) & ((low ^ every(0x7F)) &+ every(0x7F))
            let others = ~(visible | whole) & every(0x80)
            guard others != 0 else {
                position &+= 8
                continue
            }
            position &+= others.trailingZeroBitCount / 8
            guard self[position].isFieldValue else { return position }
            position &+= 1
        }
        while position < count, self[position].isFieldValue { position &+= 1 }
        return position
    }

    @inline(__always)
    private func eightBytes(at position: Int) -> UInt64 {
        // SAFETY: the callers' loops run only while eight bytes are left.
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self))
    }

    /// The byte, eight times.
    @inline(__always)
    private func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
