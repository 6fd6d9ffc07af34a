// Strand.swift: a branch of a `together` under way, and where it stands while another one runs.
//
// A fiber runs one strand at a time: the header holds the state of that one, a context that of each other. All of them
// share the fiber's memory, fuel, slots and limits. A run without `together` pays for none of this.
// Neighbours: Fiber+Strands.swift (forks, switches, joins), FiberSlab+Strands.swift (what the host calls).

internal import Diagnostics

/// One strand of a run: the run itself, or a branch of one of its `together`s. A stale one is refused.
package struct Strand: Hashable, Sendable {
    /// Place in the fiber's table, used again.
    let slot: UInt32
    /// Grows with every branch that the run starts.
    let serial: UInt32

    /// The run itself. While it waits for its branches it asks for nothing.
    package static let main = Strand(slot: 0, serial: 0)
}

enum StrandStatus: UInt8 {
    case free, ready, running
    /// For an effect's reply.
    case waiting
    /// For branches of its own.
    case joining
    case ended
}

/// How a strand ended. Plain bytes: it lives in the arena, where nothing is released.
enum StrandOutcome {
    case none
    case completed(Completion)
    case faulted(DiagnosticCode, message: Value, word: Int)
}

@unsafe struct StrandContext {
    let slot: UInt32
    var serial: UInt32
    var status = StrandStatus.ready
    /// Goes on with `incoming` as a failure.
    var isRaising = false
    var incoming = Value.null
    var outcome = StrandOutcome.none

    /// What the header holds of a strand that runs.
    var ip: UnsafePointer<UInt32>
    var stack: UnsafeMutablePointer<Value>
    var stackEnd: UnsafeMutablePointer<Value>
    var base: UnsafeMutablePointer<Value>
    var frames: UnsafeMutablePointer<Frame>
    var frameCount = 0
    var frameCapacity = 0
    var pendingRegister: UInt8 = 0
    var pendingSite: UInt32 = 0

    /// Calls around it, its ancestors' included.
    var depth = 0
    /// How many `together`s it has begun.
    var forkCount: UInt32 = 0
    /// The strand that waits for it and the others of its group; nil for the run itself.
    var parent: UnsafeMutablePointer<StrandContext>?
    /// Which of the parent's `together`s it belongs to, from 0, and which branch of that it is.
    var forkNumber: UInt32 = 0
    var position: UInt32 = 0
    /// The branches that it waits for.
    var branches: UnsafeMutablePointer<UnsafeMutablePointer<StrandContext>>?
    var branchCount = 0
    var branchesUnderWay = 0
    /// In the stack of the ready ones, or in the list of the free ones.
    var next: UnsafeMutablePointer<StrandContext>?

    var strand: Strand { unsafe Strand(slot: slot, serial: serial) }
}

/// A fiber's strands; made at its first `together`.
@unsafe struct StrandTable {
    /// By slot; the first is the run itself.
    var contexts: UnsafeMutablePointer<UnsafeMutablePointer<StrandContext>>
    var count: Int
    var capacity: Int
    /// Whose state the header holds.
    var current: UnsafeMutablePointer<StrandContext>
    var free: UnsafeMutablePointer<StrandContext>?
    var firstReady: UnsafeMutablePointer<StrandContext>?
    var lastSerial: UInt32 = 0
    /// Branches that wait for an effect's reply.
    var waitingCount = 0
    /// Of the whole run; the header's own counts from where its strand began.
    let callDepthMax: Int

    mutating func prepend(ready context: UnsafeMutablePointer<StrandContext>) {
        unsafe context.pointee.status = .ready
        unsafe context.pointee.next = unsafe firstReady
        unsafe firstReady = unsafe context
    }

    mutating func takeReady() -> UnsafeMutablePointer<StrandContext>? {
        guard let context = unsafe firstReady else { return nil }
        unsafe firstReady = unsafe context.pointee.next
        return unsafe context
    }
}
