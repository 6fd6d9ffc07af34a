// Aggregate.swift: lists and objects in an arena.
//
// A header points to keys and values. A list or object from JSON keeps its text, so that it can be passed on as it
// came, and is taken apart one level deep on the first look inside. Values are immutable; a list may still grow at its
// tip, because every value knows how many items are its own. Neighbours: Arena+Values.swift, JSONOpening.swift.

@unsafe struct AggregateHeader {
    /// Objects: `capacity` strings. Lists: nil.
    var keys: UnsafeMutablePointer<Value>?
    var values: UnsafeMutablePointer<Value>
    /// The JSON text that it came from, or nil.
    var raw: UnsafePointer<UInt8>?
    var rawCount: UInt32
    /// Items written so far; a value of this header may own fewer.
    var used: UInt32
    var capacity: UInt32
    /// An object under construction, in which `insert` may overwrite.
    var isBuilder: Bool
    /// Whole table of positions + 1 by hash, `indexMask + 1` entries; only above `Aggregate.scannedMax` keys.
    var index: UnsafeMutablePointer<UInt32>?
    var indexMask: UInt32
    /// The `ArenaState` that it lives in; 0 in the program's memory, which is never written again.
    var arena: UInt
}

/// An opened list or object.
///
/// SAFETY: made only from a value whose `bits` is the address of its header; lives as long as that value.
@safe struct Aggregate: BitwiseCopyable {
    /// Up to so many keys are compared one by one.
    static var scannedMax: Int { 16 }

    let header: UnsafeMutablePointer<AggregateHeader>
    let count: Int

    @inline(__always) init(_ value: Value) {
        unsafe header = UnsafeMutablePointer(bitPattern: UInt(value.bits)).unsafelyUnwrapped
        count = value.length
    }

    @inline(__always) func value(at position: Int) -> Value { unsafe header.pointee.values[position] }
    @inline(__always) func setValue(_ value: Value, at position: Int) {
        unsafe header.pointee.values[position] = value
    }
    @inline(__always) func key(at position: Int) -> Value {
        unsafe header.pointee.keys.unsafelyUnwrapped[position]
    }
    /// The arena that the header lives in; nil in the program's memory.
    var arena: Arena? {
        let address = unsafe header.pointee.arena
        return address == 0 ? nil : Arena(addressBits: address)
    }

    /// An item; a nested list or object is opened on the way, once for all who look.
    func opened(at position: Int) throws(Fault) -> Value {
        let item = value(at: position)
        guard item.isUnread, let arena else { return item }
        let open = try arena.open(item)
        setValue(open, at: position)
        return open
    }

    /// The position of a key, or -1.
    @inline(__always) func position(ofKey key: Value) -> Int {
        if count <= Aggregate.scannedMax {
            let keys = unsafe header.pointee.keys.unsafelyUnwrapped
            var position = 0
            while position < count {
                let candidate = unsafe keys[position]
                if candidate.meta == key.meta
                    && (candidate.bits == key.bits || bytesEqual(candidate.text, key.text, key.length))
                {
                    return position
                }
                position &+= 1
            }
            return -1
        }
        return indexedPosition(ofKey: key)
    }

    @inline(never) func indexedPosition(ofKey key: Value) -> Int {
        guard unsafe header.pointee.index != nil || buildIndex() else { return scannedPosition(ofKey: key) }
        let table = unsafe header.pointee.index.unsafelyUnwrapped
        let mask = unsafe header.pointee.indexMask
        var probe = Aggregate.hash(key) & mask
        while true {
            let entry = unsafe table[Int(probe)]
            if entry == 0 { return -1 }
            let position = Int(entry) - 1
            let candidate = self.key(at: position)
            if candidate.meta == key.meta && bytesEqual(candidate.text, key.text, key.length) {
                return position < count ? position : -1
            }
            probe = (probe &+ 1) & mask
        }
    }

    private func scannedPosition(ofKey key: Value) -> Int {
        for position in 0..<count {
            let candidate = self.key(at: position)
            if candidate.meta == key.meta && bytesEqual(candidate.text, key.text, key.length) { return position }
        }
        return -1
    }

    /// Seeded per process by the standard library, so that keys chosen to collide do not.
    static func hash(_ key: Value) -> UInt32 {
        var hasher = Hasher()
        unsafe hasher.combine(bytes: UnsafeRawBufferPointer(key.text.buffer(key.length)))
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    /// Builds or rebuilds the index for all that `used` and `capacity` allow. No when there is no memory for it.
    @discardableResult func buildIndex() -> Bool {
        guard let arena else { return false }
        var size = 64
        while unsafe size < Int(header.pointee.capacity) * 2 { size *= 2 }
        guard let memory = unsafe try? arena.allocate(size * 4) else { return false }
        let table = unsafe memory.bindMemory(to: UInt32.self, capacity: size)
        unsafe table.initialize(repeating: 0, count: size)
        unsafe header.pointee.index = unsafe table
        unsafe header.pointee.indexMask = UInt32(size - 1)
        for position in unsafe 0..<Int(header.pointee.used) { addToIndex(position) }
        return true
    }

    /// Notes a key at its position; the key must not be there yet.
    func addToIndex(_ position: Int) {
        guard let table = unsafe header.pointee.index else { return }
        let mask = unsafe header.pointee.indexMask
        var probe = Aggregate.hash(key(at: position)) & mask
        while unsafe table[Int(probe)] != 0 { probe = (probe &+ 1) & mask }
        unsafe table[Int(probe)] = UInt32(position + 1)
    }
}

extension Arena {
    /// A new list or object of `count` items with room for `capacity`; the caller fills it at once.
    @inline(__always) func aggregate(_ kind: Value.Kind, count: Int, capacity: Int) throws(Fault) -> Value {
        let headerBytes = unsafe (MemoryLayout<AggregateHeader>.stride + 15) & ~15
        let columns = kind == .object ? 2 : 1
        guard capacity < 1 << 28 else { throw Fault.outOfMemory(limitBytes: limitBytes) }
        let memory = unsafe try allocate(headerBytes + capacity * 16 * columns)
        return unsafe place(kind, count: count, capacity: capacity, keys: nil, in: memory)
    }

    /// A new object whose keys stand elsewhere: in the program's key lists.
    @inline(__always) func object(
        sharedKeys keys: UnsafeMutablePointer<Value>, count: Int
    ) throws(Fault) -> Value {
        let headerBytes = unsafe (MemoryLayout<AggregateHeader>.stride + 15) & ~15
        let memory = unsafe try allocate(headerBytes + count * 16)
        return unsafe place(.object, count: count, capacity: count, keys: keys, in: memory)
    }

    @inline(__always) func place(
        _ kind: Value.Kind, count: Int, capacity: Int, keys: UnsafeMutablePointer<Value>?,
        in memory: UnsafeMutableRawPointer
    ) -> Value {
        let headerBytes = unsafe (MemoryLayout<AggregateHeader>.stride + 15) & ~15
        let values = unsafe (memory + headerBytes).assumingMemoryBound(to: Value.self)
        let header = unsafe memory.assumingMemoryBound(to: AggregateHeader.self)
        unsafe header.initialize(
            to: AggregateHeader(
                keys: kind == .object ? (keys ?? values + capacity) : nil, values: values, raw: nil, rawCount: 0,
                used: UInt32(count), capacity: UInt32(capacity), isBuilder: false, index: nil, indexMask: 0,
                arena: addressBits))
        return Value(kind, length: count, bits: UInt64(UInt(bitPattern: header)))
    }
}

extension Aggregate {
    @inline(__always) func setKey(_ key: Value, at position: Int) {
        unsafe header.pointee.keys.unsafelyUnwrapped[position] = key
    }
    var raw: BytePointer? {
        guard let raw = unsafe header.pointee.raw else { return nil }
        return unsafe BytePointer(raw)
    }
    var rawCount: Int { unsafe Int(header.pointee.rawCount) }
}
