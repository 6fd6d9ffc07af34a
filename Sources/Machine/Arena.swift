// Arena.swift: where the values of one run live: a bump pointer over chained chunks.
//
// Nothing is freed alone; all goes at once when the run ends. Memory is charged when it is taken, to the byte, because
// the last chunk is cut where the limit is. Neighbours: ChunkPool.swift (lends chunks), Arena+Values.swift (builds
// values), FiberSlab.swift (one arena per fiber).

/// The state behind an arena handle; it stands at the start of a fiber's block or of an `OwnedArena`.
@unsafe struct ArenaState {
    /// Next free byte, 16-aligned.
    var cursor: UInt
    /// The first byte not to be used: `BytePointer.paddingBytes` before the chunk's real end.
    var end: UInt
    /// Newest chunk taken from the pool; chunks are linked by their headers.
    var chunks: UnsafeMutablePointer<ChunkHeader>?
    /// Where the inline first chunk begins; `reset` goes back to it.
    var firstCursor: UInt
    var firstEnd: UInt
    /// Bytes of all chunks so far.
    var chargedBytes: Int
    var limitBytes: Int
    /// Of JSON that is read into it.
    var jsonDepthMax: Int
    /// Cold code took more than the limit; the run ends at its next step.
    var isOverdrawn: Bool
    var pool: Unmanaged<ChunkPool>

    init(
        firstChunk: UnsafeMutableRawPointer, byteCount: Int, limitBytes: Int, jsonDepthMax: UInt16,
        pool: Unmanaged<ChunkPool>
    ) {
        let start = (UInt(bitPattern: firstChunk) + 15) & ~15
        let last = UInt(bitPattern: firstChunk) + UInt(byteCount) - UInt(BytePointer.paddingBytes)
        unsafe cursor = start
        unsafe end = last
        unsafe firstCursor = start
        unsafe firstEnd = last
        unsafe chunks = nil
        unsafe chargedBytes = byteCount
        unsafe self.limitBytes = limitBytes
        unsafe self.jsonDepthMax = Int(jsonDepthMax)
        unsafe isOverdrawn = false
        unsafe self.pool = unsafe pool
    }
}

/// A cheap handle on a run's memory. Values made by it are good until the run is released or the arena reset; so is
/// the handle itself.
///
/// SAFETY: `state` points into a slab's block or an `OwnedArena`'s memory, neither of which is unmapped while its
/// owner lives; the owner hands out the handle only for that time.
@safe package struct Arena {
    let state: UnsafeMutablePointer<ArenaState>

    @inline(__always) init(_ state: UnsafeMutablePointer<ArenaState>) { unsafe self.state = unsafe state }

    /// `count` bytes, 16-aligned, with readable padding behind them.
    @inline(__always) func allocate(_ count: Int) throws(Fault) -> UnsafeMutableRawPointer {
        let cursor = unsafe state.pointee.cursor
        let next = cursor &+ ((UInt(bitPattern: count) &+ 15) & ~15)
        if unsafe next <= state.pointee.end {
            unsafe state.pointee.cursor = next
            return unsafe UnsafeMutableRawPointer(bitPattern: cursor).unsafelyUnwrapped
        }
        return unsafe try allocateInNewChunk(count)
    }

    @inline(never) private func allocateInNewChunk(_ count: Int) throws(Fault) -> UnsafeMutableRawPointer {
        let limit = unsafe state.pointee.limitBytes
        let left = unsafe limit - state.pointee.chargedBytes
        guard count >= 0, unsafe count + ChunkHeader.overheadBytes <= left else {
            throw Fault.outOfMemory(limitBytes: limit)
        }
        return unsafe takeChunk(for: count, chargeMax: left)
    }

    /// For cold code of the host, whose own limits bound what it builds: always succeeds; a run whose memory is
    /// overdrawn by it ends with `outOfMemory` at its next step.
    func allocateOverdrawing(_ count: Int) -> UnsafeMutableRawPointer {
        do throws(Fault) {
            return unsafe try allocate(count)
        } catch {
            unsafe state.pointee.isOverdrawn = true
            return unsafe takeChunk(for: count, chargeMax: Int.max / 2)
        }
    }

    private func takeChunk(for count: Int, chargeMax: Int) -> UnsafeMutableRawPointer {
        let taken =
            unsafe state.pointee.chunks == nil ? 0 : Int(state.pointee.chunks.unsafelyUnwrapped.pointee.sizeClass) + 1
        let chunk = unsafe state.pointee.pool._withUnsafeGuaranteedRef {
            unsafe $0.take(atLeast: count + ChunkHeader.overheadBytes, preferredClass: taken)
        }
        unsafe chunk.pointee.next = unsafe state.pointee.chunks
        unsafe state.pointee.chunks = unsafe chunk
        let usable = unsafe min(chunk.pointee.byteCount, max(chargeMax, count + ChunkHeader.overheadBytes))
        unsafe state.pointee.chargedBytes += usable
        let start = unsafe UInt(bitPattern: chunk) + UInt(ChunkHeader.byteCount)
        unsafe state.pointee.cursor = start + ((UInt(count) + 15) & ~15)
        unsafe state.pointee.end = UInt(bitPattern: chunk) + UInt(usable - BytePointer.paddingBytes)
        return unsafe UnsafeMutableRawPointer(bitPattern: start).unsafelyUnwrapped
    }

    /// Gives back all but the first chunk. Every value made before is gone.
    func reset() {
        if unsafe state.pointee.chunks != nil {
            unsafe state.pointee.pool._withUnsafeGuaranteedRef { unsafe $0.give(state.pointee.chunks) }
            unsafe state.pointee.chunks = nil
            unsafe state.pointee.chargedBytes = Int(state.pointee.firstEnd - state.pointee.firstCursor)
        }
        unsafe state.pointee.cursor = state.pointee.firstCursor
        unsafe state.pointee.end = state.pointee.firstEnd
        unsafe state.pointee.isOverdrawn = false
    }

    /// Bytes taken so far, whole chunks but for the last one.
    package var usedBytes: Int {
        unsafe state.pointee.chargedBytes - Int(state.pointee.end) + Int(state.pointee.cursor)
    }
    package var limitBytes: Int { unsafe state.pointee.limitBytes }
    /// Lists and objects inside each other, at most, in JSON that is read into it.
    var jsonDepthMax: Int { unsafe state.pointee.jsonDepthMax }
    /// Did cold code take more than the limit?
    package var isOverdrawn: Bool { unsafe state.pointee.isOverdrawn }

    @inline(__always) var entryStack: EntryStack {
        unsafe state.pointee.pool._withUnsafeGuaranteedRef { $0.entryStack }
    }

    var addressBits: UInt { unsafe UInt(bitPattern: state) }
    init(addressBits: UInt) {
        unsafe self.state = UnsafeMutablePointer(bitPattern: addressBits).unsafelyUnwrapped
    }
}

/// An arena of its own, for cold code: constants of a program, tests, replies that are read outside of a run.
@safe package struct OwnedArena: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    private let pool: ChunkPool
    private static var firstChunkBytes: Int { 2048 }

    package init(limitBytes: Int = 64 << 20, jsonDepthMax: UInt16 = FiberLimits.jsonDepthStandard) {
        let pool = ChunkPool(retainedBytesMax: 0)
        unsafe memory = .allocate(byteCount: Self.firstChunkBytes, alignment: 64)
        self.pool = pool
        let state = unsafe memory.bindMemory(to: ArenaState.self, capacity: 1)
        let offset = unsafe MemoryLayout<ArenaState>.stride
        unsafe state.initialize(
            to: ArenaState(
                firstChunk: memory + offset, byteCount: Self.firstChunkBytes - offset, limitBytes: limitBytes,
                jsonDepthMax: jsonDepthMax, pool: Unmanaged.passUnretained(pool)))
    }

    /// Good while this owner lives.
    package var arena: Arena { unsafe Arena(memory.assumingMemoryBound(to: ArenaState.self)) }
    package func reset() { arena.reset() }

    deinit {
        unsafe Arena(memory.assumingMemoryBound(to: ArenaState.self)).reset()
        unsafe memory.deallocate()
    }
}
