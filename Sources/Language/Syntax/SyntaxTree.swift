// SyntaxTree.swift: one file's tree, flat: nodes in one array, runs of children in another.
//
// Reading it is a switch over `kind(of:)` and `children(of:)`; no node is an object, so a tree of a million
// nodes costs four allocations. Neighbours: NodeKind.swift (what the children are), Parser.swift (builds).

package import Diagnostics

/// Position in a tree's nodes.
package struct NodeID: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
    /// An optional child that is not there.
    package static let none = NodeID(.max)
    package var exists: Bool { self != .none }
}

package struct SyntaxTree: Sendable {
    /// A node: its kind, a flag whose meaning the kind gives, its place, and either children or a payload.
    struct Node: Sendable {
        var kind: NodeKind
        var flag: UInt8
        /// Of the tree below it, itself included.
        var height: UInt16
        var start: UInt32
        var end: UInt32
        /// First child in `childIDs`, or a leaf's payload.
        var first: UInt32
        var count: UInt32
    }

    package let file: SourceFileID
    /// Something in the file could not be read: what it may declare is not missing elsewhere.
    package internal(set) var hasErrors = false
    /// Where the errors begin, ascending. Empty with `hasErrors`: anywhere.
    var errorPlaces: [UInt32] = []
    package internal(set) var root: NodeID = .none
    var nodes: [Node] = []
    var childIDs: [NodeID] = []
    package internal(set) var integers: [Int64] = []
    package internal(set) var floats: [Double] = []
    package internal(set) var strings: [String] = []
    /// Comments in source order, for documentation and the formatter. Without the `#`'s line end.
    package internal(set) var comments: [SourceRange] = []

    package init(file: SourceFileID) { self.file = file }

    package var nodeCount: Int { nodes.count }
    package func kind(of id: NodeID) -> NodeKind { nodes[Int(id.rawValue)].kind }
    package func flag(of id: NodeID) -> UInt8 { nodes[Int(id.rawValue)].flag }
    package func range(of id: NodeID) -> SourceRange {
        let node = nodes[Int(id.rawValue)]
        return SourceRange(file: file, start: node.start, end: node.end)
    }
    package func children(of id: NodeID) -> ArraySlice<NodeID> {
        let node = nodes[Int(id.rawValue)]
        // A leaf's `first` is its payload.
        guard node.count > 0 else { return [] }
        return childIDs[Int(node.first)..<Int(node.first + node.count)]
    }
    /// The child at a place; `NodeID.none` when it is absent.
    package func child(_ position: Int, of id: NodeID) -> NodeID {
        let node = nodes[Int(id.rawValue)]
        precondition(position < Int(node.count), "a \(node.kind) has \(node.count) children")
        return childIDs[Int(node.first) + position]
    }
    package func symbol(of id: NodeID) -> Symbol {
        precondition(kind(of: id) == .name, "only a name has a symbol")
        return Symbol(nodes[Int(id.rawValue)].first)
    }
    package func integer(of id: NodeID) -> Int64 { integers[Int(nodes[Int(id.rawValue)].first)] }
    package func float(of id: NodeID) -> Double { floats[Int(nodes[Int(id.rawValue)].first)] }
    package func string(of id: NodeID) -> String { strings[Int(nodes[Int(id.rawValue)].first)] }

    /// Whether that part was read without an error, its ends included.
    func isIntact(_ range: SourceRange) -> Bool {
        guard hasErrors else { return true }
        var low = 0
        var high = errorPlaces.count
        while low < high {
            let middle = (low + high) / 2
            if errorPlaces[middle] < range.start { low = middle + 1 } else { high = middle }
        }
        return !errorPlaces.isEmpty && (low == errorPlaces.count || errorPlaces[low] > range.end)
    }

    /// Nodes on the longest way down from here; at most `treeHeightMax`, so a walk may call itself.
    func height(of id: NodeID) -> Int { id.exists ? Int(nodes[Int(id.rawValue)].height) : 0 }

    // Building: the parser's side.

    mutating func reserve(nodes count: Int) {
        nodes.reserveCapacity(count)
        childIDs.reserveCapacity(count)
    }

    mutating func add(
        _ kind: NodeKind, from start: UInt32, to end: UInt32, flag: UInt8 = 0, _ children: some Collection<NodeID>
    ) -> NodeID {
        let first = UInt32(childIDs.count)
        var height: UInt16 = 0
        for child in children {
            childIDs.append(child)
            height = max(height, heightField(child))
        }
        return append(kind, flag, start, end, first: first, count: children.count, height: height)
    }

    mutating func add(_ kind: NodeKind, from start: UInt32, to end: UInt32, flag: UInt8, _ a: NodeID) -> NodeID {
        let first = UInt32(childIDs.count)
        childIDs.append(a)
        return append(kind, flag, start, end, first: first, count: 1, height: heightField(a))
    }

    mutating func add(_ kind: NodeKind, from start: UInt32, to end: UInt32, flag: UInt8, _ a: NodeID, _ b: NodeID)
        -> NodeID
    {
        let first = UInt32(childIDs.count)
        childIDs.append(a)
        childIDs.append(b)
        let height = max(heightField(a), heightField(b))
        return append(kind, flag, start, end, first: first, count: 2, height: height)
    }

    mutating func add(
        _ kind: NodeKind, from start: UInt32, to end: UInt32, flag: UInt8, _ a: NodeID, _ b: NodeID, _ c: NodeID
    ) -> NodeID {
        let first = UInt32(childIDs.count)
        childIDs.append(a)
        childIDs.append(b)
        childIDs.append(c)
        let height = max(heightField(a), max(heightField(b), heightField(c)))
        return append(kind, flag, start, end, first: first, count: 3, height: height)
    }

    mutating func addLeaf(_ kind: NodeKind, from start: UInt32, to end: UInt32, payload: UInt32 = 0) -> NodeID {
        append(kind, 0, start, end, first: payload, count: 0, height: 0)
    }

    private func heightField(_ id: NodeID) -> UInt16 { id.exists ? nodes[Int(id.rawValue)].height : 0 }

    private mutating func append(
        _ kind: NodeKind, _ flag: UInt8, _ start: UInt32, _ end: UInt32, first: UInt32, count: Int, height: UInt16
    ) -> NodeID {
        nodes.append(
            Node(
                kind: kind, flag: flag, height: height &+ 1, start: start, end: end, first: first,
                count: UInt32(count)))
        return NodeID(UInt32(nodes.count - 1))
    }
}
