// FieldTrie.swift: the paths that the rules of a deployment mention, as a tree that drives the scanner.
//
// Made once per program, in its memory; one pass over an event then fills one slot per path.
// Neighbours: JSONScanner+Fields.swift (walks it beside the text), Assembler.swift (numbers the slots).

/// One step below a node.
@unsafe struct TrieEntry {
    /// Keys: the first eight bytes, zero behind the end. Lists: unused.
    var prefix: UInt64
    /// Keys: the string. Lists: the index as an int.
    var step: Value
    /// The slot of the path that ends here, or -1.
    var slot: Int32
    /// The node below, or -1.
    var node: Int32
    /// Slots of all paths below, in `FieldTrie.below`.
    var belowStart: Int32
    var belowCount: Int32
}

/// Keys come first, then indexes.
@unsafe struct TrieNode {
    var firstEntry: Int32
    var keyCount: Int32
    var indexCount: Int32
    /// Bit n is set when a key has n bytes, or n + 64, and so on: most keys of an event are passed by at that.
    var keyLengths: UInt64
}

/// SAFETY: points into its program's memory, written before the program is shared and never again.
@unsafe struct FieldTrie {
    private(set) var nodes: UnsafePointer<TrieNode>
    private(set) var entries: UnsafePointer<TrieEntry>
    private(set) var below: UnsafePointer<Int32>
    let slotCount: Int
    let entryCount: Int

    /// No paths at all; only `JSONScanner.noNode` may be asked of it.
    static var empty: FieldTrie {
        unsafe FieldTrie(
            nodes: UnsafePointer(bitPattern: 16).unsafelyUnwrapped,
            entries: UnsafePointer(bitPattern: 16).unsafelyUnwrapped,
            below: UnsafePointer(bitPattern: 16).unsafelyUnwrapped, slotCount: 0, entryCount: 0)
    }

    private init(
        nodes: UnsafePointer<TrieNode>, entries: UnsafePointer<TrieEntry>, below: UnsafePointer<Int32>, slotCount: Int,
        entryCount: Int
    ) {
        unsafe self.nodes = unsafe nodes
        unsafe self.entries = unsafe entries
        unsafe self.below = unsafe below
        unsafe self.slotCount = slotCount
        unsafe self.entryCount = entryCount
    }

    init(paths: [[PathStep]], in arena: Arena) {
        var builder = unsafe TrieBuilder()
        for (slot, path) in paths.enumerated() { unsafe builder.insert(path, slot: slot) }
        unsafe builder.finish(in: arena)
        unsafe nodes = unsafe arena.table(builder.nodes)
        unsafe entries = unsafe arena.table(builder.entries)
        unsafe below = unsafe arena.table(builder.below)
        unsafe slotCount = paths.count
        unsafe entryCount = unsafe builder.entries.count
    }
}

@unsafe private struct TrieBuilder {
    final class Branch {
        var slot: Int32 = -1
        var steps: [(step: PathStep, branch: Branch)] = []
    }

    private let root = Branch()
    private(set) var nodes: [TrieNode] = unsafe []
    private(set) var entries: [TrieEntry] = unsafe []
    private(set) var below: [Int32] = []

    func insert(_ path: [PathStep], slot: Int) {
        var branch = unsafe root
        for step in path {
            if let known = branch.steps.first(where: { $0.step == step }) {
                branch = known.branch
            } else {
                let next = Branch()
                branch.steps.append((step, next))
                branch = next
            }
        }
        branch.slot = Int32(slot)
    }

    mutating func finish(in arena: Arena) { _ = unsafe write(root, in: arena) }

    private mutating func write(_ branch: Branch, in arena: Arena) -> Int32 {
        let number = unsafe nodes.count
        let keys = branch.steps.filter { if case .key = $0.step { true } else { false } }
        let indexes = branch.steps.filter { if case .index = $0.step { true } else { false } }
        let first = unsafe entries.count
        let lengths = keys.reduce(UInt64(0)) { bits, key in
            guard case .key(let text) = key.step else { return bits }
            return bits | 1 &<< UInt64(text.utf8.count)
        }
        unsafe nodes.append(
            TrieNode(
                firstEntry: Int32(first), keyCount: Int32(keys.count), indexCount: Int32(indexes.count),
                keyLengths: lengths))
        for (step, child) in keys + indexes {
            let start = unsafe below.count
            unsafe collect(child, into: &below)
            let value =
                switch step {
                case .key(let key): arena.string(key)
                case .index(let index): Value.int(index)
                }
            unsafe entries.append(
                TrieEntry(
                    prefix: value.isString ? keyPrefix(value.text, value.length) : 0, step: value, slot: child.slot,
                    node: -1, belowStart: Int32(start), belowCount: Int32(below.count - start)))
        }
        for (position, entry) in (keys + indexes).enumerated() where !entry.branch.steps.isEmpty {
            let node = unsafe write(entry.branch, in: arena)
            unsafe entries[first + position].node = node
        }
        return Int32(number)
    }

    private func collect(_ branch: Branch, into slots: inout [Int32]) {
        for (_, child) in branch.steps {
            if child.slot >= 0 { slots.append(child.slot) }
            unsafe collect(child, into: &slots)
        }
    }
}

/// The first eight bytes, the ones behind the end zero. Reads up to seven bytes past the text.
@inline(__always) func keyPrefix(_ text: BytePointer, _ count: Int) -> UInt64 {
    count >= 8 ? text.word : count == 0 ? 0 : text.word & (~0 &>> UInt64(64 &- count &* 8))
}
