// JSONScanner+Values.swift: values of any kind, taken apart while they are checked as long as that is worth it.
//
// The first two levels of a document are what handlers look into: an event's attributes and the fields of its data. They
// are taken apart in the pass that checks them, up to `EntryStack.entriesMax` entries a document, so that memory stays
// bounded by the text; all the rest is passed over, checked, and taken apart on the first look inside (JSONOpening.swift).
// Neighbours: JSONScanner+Fields.swift (the same with slots), Aggregate.swift (the result).

/// Entries that were read and have no list or object yet: those of the outer levels below those of the inner ones.
///
/// SAFETY: room of one `ChunkPool`, used by one scanner at a time: scanning a document calls nothing that scans.
@safe struct EntryStack: BitwiseCopyable {
    /// Of a document, at a time.
    static var entriesMax: Int { 64 }

    private let base: UnsafeMutablePointer<Value>
    /// Values so far; an entry of an object is a key and a value.
    private(set) var count = 0

    init(_ base: UnsafeMutablePointer<Value>) { unsafe self.base = unsafe base }

    @inline(__always) subscript(position: Int) -> Value {
        get { unsafe base[position] }
        nonmutating set { unsafe base[position] = newValue }
    }
    @inline(__always) var isFull: Bool { count &+ 2 > 2 * EntryStack.entriesMax }

    @inline(__always) mutating func push(_ value: Value) {
        unsafe base[count] = value
        count &+= 1
    }
    @inline(__always) mutating func drop(to mark: Int) { count = mark }

    /// Where the value of a key stands, of the entries from `mark` on; -1 when it is not there.
    @inline(never) func position(ofKey key: Value, from mark: Int) -> Int {
        var position = mark
        while position < count {
            if unsafe base[position].isSameText(as: key) { return position &+ 1 }
            position &+= 2
        }
        return -1
    }
}

/// Which keys an object may have had already, as bits: most keys need not be compared with those before them.
struct KeyFilter {
    private var bits: UInt64 = 0

    /// May this key have been there before? Notes it.
    @inline(__always) mutating func mayHold(_ prefix: UInt64, _ count: Int) -> Bool {
        let mixed = (prefix ^ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15
        let bit = UInt64(1) &<< (mixed &>> 58)
        defer { bits |= bit }
        return bits & bit != 0
    }
}

extension JSONScanner {
    /// Of the trie: where no path goes on.
    static var noNode: Int32 { -1 }
    /// Levels that are taken apart while they are checked.
    static var openedDepth: Int { 2 }

    /// A value of any kind.
    @inline(__always) mutating func value(depth: Int) throws(JSONError) -> Value {
        let byte = place.byte
        if byte == UInt8(ascii: "{") { return try object(depth: depth) }
        if byte == UInt8(ascii: "[") { return try list(depth: depth) }
        return try scalar()
    }

    mutating func object(depth: Int) throws(JSONError) -> Value {
        let first = place
        guard depth < Self.openedDepth else {
            try skipObject(depth: depth)
            return .unread(.object, raw: first, count: place - first)
        }
        return try object(node: Self.noNode, depth: depth)
    }

    mutating func list(depth: Int) throws(JSONError) -> Value {
        let first = place
        guard depth < Self.openedDepth else {
            try skipList(depth: depth)
            return .unread(.list, raw: first, count: place - first)
        }
        return try list(node: Self.noNode, depth: depth)
    }

    /// The object whose entries stand on the stack from `mark` on, which are taken off. When the arena has no room, it
    /// is left unread: whoever looks inside is told.
    @inline(__always) mutating func closeObject(_ mark: Int, raw first: BytePointer) -> Value {
        let count = (entries.count &- mark) &>> 1
        defer { entries.drop(to: mark) }
        guard let object = try? arena.aggregate(.object, count: count, capacity: count) else {
            return .unread(.object, raw: first, count: place - first)
        }
        let aggregate = Aggregate(object)
        var position = 0
        while position < count {
            aggregate.setKey(entries[mark &+ 2 &* position], at: position)
            aggregate.setValue(entries[mark &+ 2 &* position &+ 1], at: position)
            position &+= 1
        }
        aggregate.setRaw(first, count: place - first)
        return object
    }

    /// As `closeObject`, of items without keys.
    mutating func closeList(_ mark: Int, raw first: BytePointer) -> Value {
        let count = entries.count &- mark
        defer { entries.drop(to: mark) }
        guard let list = try? arena.aggregate(.list, count: count, capacity: count) else {
            return .unread(.list, raw: first, count: place - first)
        }
        let aggregate = Aggregate(list)
        for position in 0..<count { aggregate.setValue(entries[mark &+ position], at: position) }
        aggregate.setRaw(first, count: place - first)
        return list
    }
}
