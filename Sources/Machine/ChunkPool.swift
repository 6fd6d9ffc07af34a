// ChunkPool.swift: memory that arenas borrow beyond their first 2 KiB, kept for the next run.
//
// One pool per slab, on one thread. In steady state no event reaches the system's allocator.
// Neighbours: Arena.swift (borrows), FiberSlab.swift (owns).

@unsafe struct ChunkHeader {
    var next: UnsafeMutablePointer<ChunkHeader>?
    /// Of the whole chunk, header and padding included.
    var byteCount: Int
    /// Position in `ChunkPool.sizes`; one more than the last for a chunk of its own size.
    var sizeClass: Int

    static var byteCount: Int { 32 }
    static var overheadBytes: Int { unsafe byteCount + BytePointer.paddingBytes + 15 }
}

@safe final class ChunkPool {
    /// A run's second chunk is of the first size, the third of the second, and so on.
    static var classCount: Int { 5 }
    private static func byteCount(ofClass sizeClass: Int) -> Int { 8192 << (sizeClass * 2) }

    private var free: [UnsafeMutablePointer<ChunkHeader>?]
    private var retainedBytes = 0
    private let retainedBytesMax: Int
    private var entries: UnsafeMutablePointer<Value>?

    init(retainedBytesMax: Int) {
        self.retainedBytesMax = retainedBytesMax
        unsafe free = unsafe Array(repeating: nil, count: Self.classCount)
    }

    /// Room for what the scanner has read and not yet put together; made when first wanted.
    var entryStack: EntryStack {
        if let known = unsafe entries { return unsafe EntryStack(known) }
        let room = UnsafeMutablePointer<Value>.allocate(capacity: 2 * EntryStack.entriesMax)
        unsafe entries = unsafe room
        return unsafe EntryStack(room)
    }

    deinit {
        unsafe entries?.deallocate()
        for size in unsafe free.indices {
            var next = unsafe free[size]
            while let chunk = unsafe next {
                unsafe next = unsafe chunk.pointee.next
                unsafe UnsafeMutableRawPointer(chunk).deallocate()
            }
        }
    }

    /// A chunk of at least `byteCount` bytes in all; bigger ones as a run takes more.
    func take(atLeast byteCount: Int, preferredClass: Int) -> UnsafeMutablePointer<ChunkHeader> {
        var sizeClass = min(preferredClass, Self.classCount - 1)
        while sizeClass < Self.classCount, Self.byteCount(ofClass: sizeClass) < byteCount { sizeClass += 1 }
        if sizeClass < Self.classCount, let chunk = unsafe free[sizeClass] {
            unsafe free[sizeClass] = unsafe chunk.pointee.next
            unsafe retainedBytes -= chunk.pointee.byteCount
            return unsafe chunk
        }
        let size = sizeClass < Self.classCount ? Self.byteCount(ofClass: sizeClass) : (byteCount + 63) & ~63
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        let chunk = unsafe memory.bindMemory(to: ChunkHeader.self, capacity: 1)
        unsafe chunk.initialize(to: ChunkHeader(next: nil, byteCount: size, sizeClass: sizeClass))
        return unsafe chunk
    }

    /// Takes back a chain of chunks.
    func give(_ chain: UnsafeMutablePointer<ChunkHeader>?) {
        var next = unsafe chain
        while let chunk = unsafe next {
            unsafe next = unsafe chunk.pointee.next
            let sizeClass = unsafe chunk.pointee.sizeClass
            let byteCount = unsafe chunk.pointee.byteCount
            if sizeClass < Self.classCount, retainedBytes + byteCount <= retainedBytesMax {
                unsafe chunk.pointee.next = unsafe free[sizeClass]
                unsafe free[sizeClass] = unsafe chunk
                retainedBytes += byteCount
            } else {
                unsafe UnsafeMutableRawPointer(chunk).deallocate()
            }
        }
    }
}
