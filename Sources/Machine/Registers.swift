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

/// The place for the next frame. SAFETY: between the first frame and `frameCapacity`, checked at each push.
@safe struct FrameCursor: BitwiseCopyable {
    let pointer: UnsafeMutablePointer<Frame>
    @inline(__always) init(_ pointer: UnsafeMutablePointer<Frame>) { unsafe self.pointer = unsafe pointer }
    @inline(__always) var previous: FrameCursor { unsafe FrameCursor(pointer - 1) }
    @inline(__always) var destination: Int { unsafe Int(pointer.pointee.destination) }
}

extension Opcode {
    /// SAFETY: the verifier knows every opcode of a program.
    @inline(__always) init(verified word: UInt32) {
        self = unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Opcode.self)
    }
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
