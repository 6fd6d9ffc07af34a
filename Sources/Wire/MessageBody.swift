// MessageBody.swift: the bytes of one message, received once and passed on by reference.
//
// A connection fills it, then a fiber's arena keeps it: the arena refers into the bytes and holds `owner`, so nothing
// is copied and the memory goes when the fiber goes. At least 64 zero bytes follow the last one, so that a
// scanner may load whole vectors without looking at the end.
// Law: written only by its one filler, before anyone else sees it.
// Neighbours: ChunkedDecoder.swift (a filler).

/// SAFETY: `storage` is written only while `isUniquelyReferenced`, by the mutating functions below; a copy that another
/// thread holds makes that false, and then they copy first.
@safe package struct MessageBody: @unchecked Sendable {
    /// Zero bytes after the last byte.
    package static let paddingBytes = 64

    private var storage: ManagedBuffer<Int, UInt8>?
    package private(set) var count: Int

    /// No bytes.
    package init() {
        storage = nil
        count = 0
    }

    /// Copies `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        self.init()
        let copied: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            unsafe append(UnsafeRawBufferPointer(buffer))
        }
        guard copied == nil else { return }
        unsafe Array(bytes).withUnsafeBytes { buffer in unsafe append(buffer) }
    }

    package var isEmpty: Bool { count == 0 }

    /// Keeps the bytes alive, at the same address, for as long as it is held. Nil for an empty body.
    package var owner: AnyObject? { storage }

    /// The bytes, followed by `paddingBytes` zeros. The address holds for as long as `owner` is held.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let storage else {
            return try unsafe withUnsafeTemporaryPadding(body)
        }
        let start = unsafe storage.withUnsafeMutablePointerToElements { elements in UnsafeRawPointer(elements) }
        defer { withExtendedLifetime(storage) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    private func withUnsafeTemporaryPadding<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let zeros = InlineArray<64, UInt8>(repeating: 0)
        let span = zeros.span
        return try unsafe span.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            try unsafe body(UnsafeRawBufferPointer(start: buffer.baseAddress, count: 0))
        }
    }

    /// A copy of the bytes.
    package var bytes: [UInt8] { unsafe withUnsafeBytes { buffer in unsafe Array(buffer) } }

    /// The bytes as text; what is not UTF-8 shows as U+FFFD.
    package var text: String { unsafe withUnsafeBytes { buffer in unsafe String(decoding: buffer, as: UTF8.self) } }

    // MARK: Filling

    /// Makes room for `total` bytes in all, so that `append` up to there moves nothing.
    package mutating func reserve(_ total: Int) {
        if total > capacity || !isOwnStorageUnique { grow(to: total) }
    }

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        guard more.count > 0 else { return }
        let needed = count + more.count
        if needed > capacity || !isOwnStorageUnique { grow(to: max(needed, capacity * 2)) }
        unsafe withFreeBytes(atMost: more.count) { free in
            unsafe free.copyMemory(from: more)
            return more.count
        }
    }

    /// Lets `fill` write into the reserved but unused bytes, at most `limit` of them; it answers how many it wrote.
    package mutating func withFreeBytes(atMost limit: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        if capacity > 0, !isOwnStorageUnique { grow(to: capacity) }
        guard let storage else { return }
        let room = min(limit, storage.header - count)
        let filled = unsafe storage.withUnsafeMutablePointerToElements { elements in
            let start = unsafe UnsafeMutableRawPointer(elements) + count
            let filled = unsafe fill(UnsafeMutableRawBufferPointer(start: start, count: room))
            precondition(filled >= 0 && filled <= room, "a body's filler wrote past its room")
            unsafe (start + filled).initializeMemory(as: UInt8.self, repeating: 0, count: Self.paddingBytes)
            return filled
        }
        count += filled
    }

    private var capacity: Int { storage?.header ?? 0 }

    private var isOwnStorageUnique: Bool { mutating get { isKnownUniquelyReferenced(&storage) } }

    private mutating func grow(to total: Int) {
        let old = storage
        let new = ManagedBuffer<Int, UInt8>.create(minimumCapacity: total + Self.paddingBytes) { _ in total }
        unsafe new.withUnsafeMutablePointerToElements { destination in
            if let old {
                unsafe old.withUnsafeMutablePointerToElements { source in
                    unsafe destination.initialize(from: source, count: count)
                }
            }
            unsafe (destination + count).initialize(repeating: 0, count: Self.paddingBytes)
        }
        storage = new
    }
}
