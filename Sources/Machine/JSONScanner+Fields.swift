// JSONScanner+Fields.swift: one pass over an object or list that gives its value and fills the slots that rules ask for.
//
// What no path mentions is passed over as strictly as ever, what a path ends at becomes a value in its slot. Of equal
// keys the last one wins, with everything below it.
// Neighbours: FieldTrie.swift (the paths), FiberSlab+Events.swift (owns the slots), JSONScanner+Values.swift.

/// Where the values of a trie's paths go.
///
/// SAFETY: `slots` has `trie.slotCount` values, `seen` has `trie.entryCount` bytes, in the scanner's arena; without a
/// trie nothing is written, for no node has entries.
@safe struct FieldSlots {
    let trie: FieldTrie
    let slots: UnsafeMutablePointer<Value>
    let seen: UnsafeMutablePointer<UInt8>

    init(trie: FieldTrie, slots: UnsafeMutablePointer<Value>, seen: UnsafeMutablePointer<UInt8>) {
        unsafe self.trie = unsafe trie
        unsafe self.slots = unsafe slots
        unsafe self.seen = unsafe seen
    }

    /// For documents without slots.
    static var none: FieldSlots {
        unsafe FieldSlots(
            trie: .empty, slots: UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped,
            seen: UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped)
    }

    @inline(__always) func node(_ number: Int32) -> TrieNode {
        unsafe number < 0 ? TrieNode(firstEntry: 0, keyCount: 0, indexCount: 0, keyLengths: 0) : trie.nodes[Int(number)]
    }

    /// The entry of a key below a node, or -1.
    @inline(__always) func entry(ofKey key: Value, _ prefix: UInt64, _ node: TrieNode) -> Int {
        guard unsafe node.keyLengths & (1 &<< UInt64(truncatingIfNeeded: key.length)) != 0 else { return -1 }
        var position = unsafe Int(node.firstEntry)
        let last = unsafe position &+ Int(node.keyCount)
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

    /// The entry of an index below a node, or -1.
    @inline(__always) func entry(ofIndex index: Int, _ node: TrieNode) -> Int {
        var position = unsafe Int(node.firstEntry &+ node.keyCount)
        let last = unsafe position &+ Int(node.indexCount)
        while position < last {
            if unsafe trie.entries[position].step.bits == UInt64(index) { return position }
            position &+= 1
        }
        return -1
    }

    /// The node below an entry, which is about to be read; what it gave before is forgotten.
    @inline(__always) func begin(_ entry: Int) -> Int32 {
        if unsafe seen[entry] != 0 { clearBelow(entry) }
        unsafe seen[entry] = 1
        return unsafe trie.entries[entry].node
    }

    @inline(__always) func wantsValue(_ entry: Int) -> Bool { unsafe trie.entries[entry].slot >= 0 }

    @inline(__always) func fill(_ entry: Int, with value: Value) {
        let slot = unsafe Int(trie.entries[entry].slot)
        if slot >= 0 { unsafe slots[slot] = value }
    }

    @inline(never) private func clearBelow(_ entry: Int) {
        let start = unsafe Int(trie.entries[entry].belowStart)
        for position in unsafe start..<(start + Int(trie.entries[entry].belowCount)) {
            unsafe slots[Int(trie.below[position])] = .missing
        }
        // Entries below count as unseen again only for their own repetition; a stale mark clears what is clear.
    }
}

extension JSONScanner {
    /// The whole text, which must be an object.
    mutating func event() throws(JSONError) -> Value {
        try beginDocument()
        guard place.byte == UInt8(ascii: "{") else { throw error(.objectExpected) }
        let result = try object(node: 0, depth: 0)
        try endDocument()
        return result
    }

    /// An object, whose paths are below a node of the trie.
    mutating func object(node number: Int32, depth: Int) throws(JSONError) -> Value {
        guard depth < depthMax else { throw error(.tooDeep(depthMax)) }
        let node = unsafe fields.node(number)
        let first = place
        let mark = entries.count
        var collects = depth < Self.openedDepth
        var filter = KeyFilter()
        place += 1
        skipWhitespace()
        if place.byte == UInt8(ascii: "}") {
            place += 1
            return collects ? closeObject(mark, raw: first) : .unread(.object, raw: first, count: place - first)
        }
        while true {
            guard place.byte == UInt8(ascii: "\"") else { throw place < end ? error(.keyExpected) : unexpected() }
            place += 1
            let key = try string()
            let prefix = keyPrefix(key.text, key.length)
            try passColon()
            let entry = unsafe fields.entry(ofKey: key, prefix, node)
            if collects {
                let value = try value(entry, depth: depth &+ 1)
                if filter.mayHold(prefix, key.length), case let known = entries.position(ofKey: key, from: mark),
                    known >= 0
                {
                    entries[known] = value
                } else if entries.isFull {
                    entries.drop(to: mark)
                    collects = false
                } else {
                    entries.push(key)
                    entries.push(value)
                }
            } else if entry >= 0 {
                _ = try value(entry, depth: depth &+ 1)
            } else {
                try skipValue(depth: depth &+ 1)
            }
            if try passSeparator(closing: UInt8(ascii: "}")) {
                return collects ? closeObject(mark, raw: first) : .unread(.object, raw: first, count: place - first)
            }
        }
    }

    /// A list, whose paths are below a node of the trie.
    mutating func list(node number: Int32, depth: Int) throws(JSONError) -> Value {
        guard depth < depthMax else { throw error(.tooDeep(depthMax)) }
        let node = unsafe fields.node(number)
        let first = place
        let mark = entries.count
        var collects = depth < Self.openedDepth
        var index = 0
        place += 1
        skipWhitespace()
        if place.byte == UInt8(ascii: "]") {
            place += 1
            return collects ? closeList(mark, raw: first) : .unread(.list, raw: first, count: place - first)
        }
        while true {
            let entry = unsafe fields.entry(ofIndex: index, node)
            if collects {
                let value = try value(entry, depth: depth &+ 1)
                if entries.isFull {
                    entries.drop(to: mark)
                    collects = false
                } else {
                    entries.push(value)
                }
            } else if entry >= 0 {
                _ = try value(entry, depth: depth &+ 1)
            } else {
                try skipValue(depth: depth &+ 1)
            }
            index &+= 1
            if try passSeparator(closing: UInt8(ascii: "]")) {
                return collects ? closeList(mark, raw: first) : .unread(.list, raw: first, count: place - first)
            }
        }
    }

    /// The value at a place that belongs to an entry of the trie, or to none: then -1.
    @inline(__always) private mutating func value(_ entry: Int, depth: Int) throws(JSONError) -> Value {
        if entry < 0 { return try value(depth: depth) }
        let node = fields.begin(entry)
        let byte = place.byte
        let result: Value
        if node >= 0, byte == UInt8(ascii: "{") {
            result = try object(node: node, depth: depth)
        } else if node >= 0, byte == UInt8(ascii: "[") {
            result = try list(node: node, depth: depth)
        } else {
            result = try value(depth: depth)
        }
        fields.fill(entry, with: result)
        return result
    }
}
