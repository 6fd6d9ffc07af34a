// Fiber.swift: one running handler: its registers, frames, fuel and memory, in one block.
//
// Sans-IO: a fiber reads no clock, socket or file. It runs until it finishes, faults or asks for an effect; the host
// resumes it with the answer. Neighbours: FiberSlab.swift (keeps the blocks), Fiber+Dispatch.swift (runs),
// Effect.swift (what it may ask), Program.swift (what it runs).

/// The only handle that others keep. A stale one is refused, never followed.
package struct FiberRef: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32
}

/// What became of a turn.
package enum Step {
    case finished(Completion)
    /// The host performs the effect and calls `resume`.
    case suspended(EffectSiteIndex)
    /// A `together` has begun: its branches run by `proceed` (FiberSlab+Strands.swift).
    case forked
    /// Boxed, so that a step travels in registers.
    indirect case faulted(Fault)
}

/// How a run ended by its own means. Values are good until the fiber is released.
package enum Completion {
    case returned(Value)
    /// The reason given, a string, or null.
    case retry(reason: Value)
    case drop(reason: Value)
    /// A failure that nothing caught.
    case failed(Value)
    /// The input did not fit its type: a failure of class `invalid`.
    case invalidInput(Value)
}

/// Where a caller goes on; its register for the result stands in the call before `ip`.
@unsafe struct Frame {
    var ip: UnsafePointer<UInt32>
    /// The caller's registers. When the register stack moves, every frame is moved with it.
    var base: UnsafeMutablePointer<Value>
}

enum FiberStatus: UInt8 {
    case free, ready, running, suspended, ended
    /// Branches of a `together` are under way.
    case forked
}

/// The first bytes of a fiber's block.
@unsafe struct FiberHeader {
    /// First, so that the block's address is the arena's.
    var arena: ArenaState
    var image: UnsafePointer<ProgramImage>
    /// The next instruction; while a slow path works, the one after the word that it works for.
    var ip: UnsafePointer<UInt32>
    var stack: UnsafeMutablePointer<Value>
    var stackEnd: UnsafeMutablePointer<Value>
    var base: UnsafeMutablePointer<Value>
    var frames: UnsafeMutablePointer<Frame>
    /// The place for the next frame, and the end of the room for frames.
    var frameTop: UnsafeMutablePointer<Frame>
    var framesEnd: UnsafeMutablePointer<Frame>
    /// Of the image, so that a call finds its target in one step.
    var functions: UnsafePointer<FunctionEntry>
    /// What the event's scanner filled, by slot number; before that the program's row of `missing`.
    var slots: UnsafeMutablePointer<Value>
    /// Steps left; below zero the run is over.
    var fuel: Int
    var fuelSteps: UInt32
    var callDepthMax: UInt16
    var effectsInFlightMax: UInt16
    var status: FiberStatus
    /// Predicates are total: language.md section 9.
    var isQuiet: Bool
    /// Where the reply of the pending effect goes.
    var pendingRegister: UInt8
    var pendingSite: UInt32
    /// Position in the slab's list of programs.
    var programSlot: UInt32
    var generation: UInt32
    var index: UInt32
    var nextFree: UInt32
    /// Nil until the first `together`.
    var strands: UnsafeMutablePointer<StrandTable>?

    var frameCount: Int {
        get { unsafe frameTop - frames }
        set { unsafe frameTop = unsafe frames + newValue }
    }
    var frameCapacity: Int {
        get { unsafe framesEnd - frames }
        set { unsafe framesEnd = unsafe frames + newValue }
    }
}

/// A fiber's block, as the dispatch loop and its slow paths see it.
///
/// SAFETY: points at a block of a slab that the slab has handed out and not taken back; one thread.
@safe struct FiberBlock: BitwiseCopyable {
    /// Header, first registers and frames, and the arena's first chunk. A line less than 2 KiB: at a power of two the
    /// headers of many fibers would share a few sets of the caches.
    static var byteCount: Int { 1984 }

    let header: UnsafeMutablePointer<FiberHeader>

    @inline(__always) init(_ header: UnsafeMutablePointer<FiberHeader>) { unsafe self.header = unsafe header }

    @inline(__always) var arena: Arena {
        unsafe Arena(UnsafeMutableRawPointer(header).assumingMemoryBound(to: ArenaState.self))
    }
    @inline(__always) var isQuiet: Bool { unsafe header.pointee.isQuiet }

    /// Charges work; one step is about a back-edge or sixty-four bytes looked at.
    @inline(__always) func charge(_ steps: Int) throws(Fault) {
        unsafe header.pointee.fuel &-= steps
        if unsafe header.pointee.fuel < 0 { throw outOfFuel }
    }
    var outOfFuel: Fault { unsafe .outOfFuel(steps: header.pointee.fuelSteps) }

    /// Offset of a word pointer in the program's code.
    func wordOffset(_ ip: UnsafePointer<UInt32>) -> Int { unsafe ip - header.pointee.image.pointee.code }
}
