// Registers.swift: the dispatch loop's pointers, as values whose use is plain code.
//
// Neighbours: Fiber+Dispatch.swift (uses them), Verifier.swift (proves that they stay inside).

/// Registers of one frame.
///
/// SAFETY: points into a fiber's register stack, with at least as many registers behind it as the running function
/// has; the verifier checked every register number against that.
@safe struct Registers: BitwiseCopyable {
    let pointer: UnsafeMutablePointer<Value>
    @inline(__always) init(_ pointer: UnsafeMutablePointer<Value>) { unsafe self.pointer = unsafe pointer }
    @inline(__always) subscript(number: Int) -> Value {
        get { unsafe pointer[number] }
        nonmutating set { unsafe pointer[number] = newValue }
    }
    /// The registers from this one on.
    @inline(__always) func place(_ number: Int) -> Registers { unsafe Registers(pointer + number) }
}

/// The next instruction.
///
/// SAFETY: points into a verified program's code, which ends with an instruction that does not go on.
@safe struct CodeCursor: BitwiseCopyable {
    private(set) var pointer: UnsafePointer<UInt32>
    @inline(__always) init(_ pointer: UnsafePointer<UInt32>) { unsafe self.pointer = unsafe pointer }
    @inline(__always) mutating func next() -> UInt32 {
        let word = unsafe pointer.pointee
        unsafe pointer += 1
        return word
    }
    /// The word of the two-word instruction that ends here.
    @inline(__always) var wordBefore: UInt32 { unsafe pointer[-2] }
    @inline(__always) mutating func jump(_ offset: UInt32) {
        unsafe pointer += Int(Int32(bitPattern: offset))
    }
}

/// The constants. SAFETY: verified numbers only.
@safe struct ValueTable: BitwiseCopyable {
    private let pointer: UnsafePointer<Value>
    @inline(__always) init(_ pointer: UnsafePointer<Value>) { unsafe self.pointer = unsafe pointer }
    @inline(__always) subscript(number: Int) -> Value { unsafe pointer[number] }
}

/// The place for the next frame. SAFETY: between the first frame and `framesEnd`, checked at each push.
@safe struct FrameCursor: BitwiseCopyable {
    let pointer: UnsafeMutablePointer<Frame>
    @inline(__always) init(_ pointer: UnsafeMutablePointer<Frame>) { unsafe self.pointer = unsafe pointer }
    @inline(__always) var previous: FrameCursor { unsafe FrameCursor(pointer - 1) }
    @inline(__always) var ip: CodeCursor { unsafe CodeCursor(pointer.pointee.ip) }
    @inline(__always) var base: Registers { unsafe Registers(pointer.pointee.base) }
}

/// An instruction word. Operands are taken out where they are used: taken out before the switch they cost ten
/// instructions each time, whether the opcode has them or not.
struct CodeWord: BitwiseCopyable {
    private let bits: UInt32
    @inline(__always) init(_ bits: UInt32) { self.bits = bits }
    /// SAFETY: the verifier knows every opcode of a program.
    @inline(__always) var opcode: Opcode {
        unsafe unsafeBitCast(UInt8(truncatingIfNeeded: bits), to: Opcode.self)
    }
    @inline(__always) var a: Int { Int((bits &>> 8) & 0xff) }
    @inline(__always) var b: Int { Int((bits &>> 16) & 0xff) }
    @inline(__always) var c: Int { Int(bits &>> 24) }
    @inline(__always) var immediate8: Int64 { Int64(Int8(truncatingIfNeeded: bits &>> 24)) }
    @inline(__always) var immediate16: Int64 { Int64(Int16(truncatingIfNeeded: bits &>> 16)) }
    /// b and c as one number.
    @inline(__always) var wide: Int { Int(bits &>> 16) }
}

extension Value {
    @inline(__always) var isOpenedObject: Bool { UInt16(truncatingIfNeeded: meta) == UInt16(Kind.object.rawValue) }
    @inline(__always) var isOpenedList: Bool { UInt16(truncatingIfNeeded: meta) == UInt16(Kind.list.rawValue) }
    /// What a negation subtracts from.
    @inline(__always) static func negationZero(for value: Value) -> Value {
        switch value.kind {
        case .duration: .duration(nanoseconds: 0)
        case .float: .float(-0.0)
        default: .int(0)
        }
    }
}
