// EventScanner.swift: one pass over an event that checks all of it and fills the slots that rules ask for.
//
// The other entry of the JSON scanner: what no path mentions is passed over as strictly as ever, what a path ends at
// becomes a value in its slot. Of equal keys the last one wins, with everything below it.
// Neighbours: FieldTrie.swift (the paths), FiberSlab+Events.swift (owns the slots).

/// SAFETY: `slots` has `trie.slotCount` values, `seen` has `trie.entryCount` bytes, in the scanner's arena.
@unsafe struct EventScanner {
    var scanner: JSONScanner
    let trie: FieldTrie
    let slots: UnsafeMutablePointer<Value>
    let seen: UnsafeMutablePointer<UInt8>

    /// The whole text, which must be an object; it is given back unread.
    mutating func scan() throws(JSONError) -> Value {
        unsafe try scanner.beginDocument()
        guard unsafe scanner.place.byte == UInt8(ascii: "{") else {
            throw unsafe scanner.error(.objectExpected)
        }
        let first = unsafe scanner.place
        unsafe try scanObject(node: 0, depth: 0)
        let count = unsafe scanner.place - first
        unsafe try scanner.endDocument()
        return .unread(.object, raw: first, count: count)
    }

    private mutating func scanObject(node: Int32, depth: Int) throws(JSONError) {
        guard depth < JSONScanner.depthMax else { throw unsafe scanner.error(.tooDeep) }
        let first = unsafe Int(trie.nodes[Int(node)].firstEntry)
        let last = unsafe first &+ Int(trie.nodes[Int(node)].keyCount)
        unsafe scanner.place += 1
        unsafe scanner.skipWhitespace()
        if unsafe scanner.place.byte == UInt8(ascii: "}") {
            unsafe scanner.place += 1
            return
        }
        while true {
            guard unsafe scanner.place.byte == UInt8(ascii: "\"") else {
                throw unsafe scanner.place < scanner.end ? scanner.error(.keyExpected) : scanner.unexpected()
            }
            unsafe scanner.place += 1
            let key = unsafe try scanner.string()
            unsafe try scanner.passColon()
            let entry = unsafe find(key, first, last)
            if entry < 0 {
                unsafe try scanner.skipValue(depth: depth &+ 1)
            } else {
                unsafe try fill(entry, depth: depth &+ 1)
            }
            if unsafe try scanner.passSeparator(closing: UInt8(ascii: "}")) { return }
        }
    }

    @inline(__always) private func find(_ key: Value, _ first: Int, _ last: Int) -> Int {
        let prefix = keyPrefix(key.text, key.length)
        var position = first
        while position < last {
            let entry = unsafe trie.entries + position
            if unsafe entry.pointee.prefix == prefix && entry.pointee.step.meta == key.meta
                && (key.length <= 8 || bytesEqual(entry.pointee.step.text, key.text, key.length))
            {
                return position
            }
            position &+= 1
        }
        return -1
    }

    private mutating func scanList(node: Int32, depth: Int) throws(JSONError) {
        guard depth < JSONScanner.depthMax else { throw unsafe scanner.error(.tooDeep) }
        let description = unsafe trie.nodes[Int(node)]
        let first = unsafe Int(description.firstEntry &+ description.keyCount)
        let last = unsafe first &+ Int(description.indexCount)
        unsafe scanner.place += 1
        unsafe scanner.skipWhitespace()
        if unsafe scanner.place.byte == UInt8(ascii: "]") {
            unsafe scanner.place += 1
            return
        }
        var index: UInt64 = 0
        while true {
            var entry = first
            while entry < last, unsafe trie.entries[entry].step.bits != index { entry &+= 1 }
            if entry == last {
                unsafe try scanner.skipValue(depth: depth &+ 1)
            } else {
                unsafe try fill(entry, depth: depth &+ 1)
            }
            index &+= 1
            if unsafe try scanner.passSeparator(closing: UInt8(ascii: "]")) { return }
        }
    }

    /// The value at the scanner's place belongs to an entry: to its slot, and to the paths below.
    @inline(__always) private mutating func fill(_ position: Int, depth: Int) throws(JSONError) {
        let entry = unsafe trie.entries + position
        if unsafe seen[position] != 0 { unsafe clearBelow(entry) }
        unsafe seen[position] = 1
        let node = unsafe entry.pointee.node
        let slot = unsafe Int(entry.pointee.slot)
        let byte = unsafe scanner.place.byte
        let isObject = byte == UInt8(ascii: "{")
        if node >= 0, isObject || byte == UInt8(ascii: "[") {
            let first = unsafe scanner.place
            if isObject {
                unsafe try scanObject(node: node, depth: depth)
            } else {
                unsafe try scanList(node: node, depth: depth)
            }
            guard slot >= 0 else { return }
            unsafe slots[slot] = unsafe .unread(isObject ? .object : .list, raw: first, count: scanner.place - first)
        } else if slot >= 0 {
            unsafe slots[slot] = unsafe try scanner.value(depth: depth)
        } else {
            unsafe try scanner.skipValue(depth: depth)
        }
    }

    @inline(never) private func clearBelow(_ entry: UnsafePointer<TrieEntry>) {
        let start = unsafe Int(entry.pointee.belowStart)
        for position in unsafe start..<(start + Int(entry.pointee.belowCount)) {
            unsafe slots[Int(trie.below[position])] = .missing
        }
        // Entries below count as unseen again only for their own repetition; a stale mark clears what is clear.
    }
}
