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

/// A node: its kind, a flag whose meaning the kind gives, its place, and either children or a payload.
struct TreeNode: Sendable {
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

/// One object whose parts never change: whoever walks it holds one reference, however often it hands it on.
package final class SyntaxTree: Sendable {
    package let file: SourceFileID
    /// Something in the file could not be read: what it may declare is not missing elsewhere.
    package let hasErrors: Bool
    /// Where the errors begin, ascending. Empty with `hasErrors`: anywhere.
    let errorPlaces: [UInt32]
    package let root: NodeID
    let nodes: [TreeNode]
    let childIDs: [NodeID]
    package let integers: [Int64]
    package let floats: [Double]
    package let strings: [String]
    /// Comments in source order, for documentation and the formatter. Without the `#`'s line end.
    package let comments: [SourceRange]

    init(_ parts: TreeBuilder, comments: [SourceRange], hasErrors: Bool, errorPlaces: [UInt32]) {
        file = parts.file
        self.hasErrors = hasErrors
        self.errorPlaces = errorPlaces
        root = parts.root
        nodes = parts.nodes
        childIDs = parts.childIDs
        integers = parts.integers
        floats = parts.floats
        strings = parts.strings
        self.comments = comments
    }

    /// An empty one.
    package convenience init(file: SourceFileID) {
        self.init(TreeBuilder(file: file), comments: [], hasErrors: false, errorPlaces: [])
    }

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
}
