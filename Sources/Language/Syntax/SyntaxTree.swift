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

/// An interned word of the deployment. Equal words have equal symbols in one `SymbolTable`.
package struct Symbol: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// The words of a deployment; shared by all of its trees.
package struct SymbolTable: Sendable {
    private var symbols: [String: Symbol] = [:]
    private var texts: [String] = []

    package init() {}

    package subscript(symbol: Symbol) -> String { texts[Int(symbol.rawValue)] }

    package mutating func intern(_ text: String) -> Symbol {
        if let known = symbols[text] { return known }
        let symbol = Symbol(UInt32(texts.count))
        texts.append(text)
        symbols[text] = symbol
        return symbol
    }

    package func symbol(for text: String) -> Symbol? { symbols[text] }
}

package struct SyntaxTree: Sendable {
    /// A node: its kind, a flag whose meaning the kind gives, its place, and either children or a payload.
    struct Node: Sendable {
        var kind: NodeKind
        var flag: UInt8
        var start: UInt32
        var end: UInt32
        /// First child in `childIDs`, or a leaf's payload.
        var first: UInt32
        var count: UInt32
    }

    package let file: SourceFileID
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

    // Building: the parser's side.

    mutating func add(_ kind: NodeKind, from start: UInt32, to end: UInt32, flag: UInt8 = 0, _ children: [NodeID])
        -> NodeID
    {
        let first = UInt32(childIDs.count)
        childIDs.append(contentsOf: children)
        return append(
            Node(kind: kind, flag: flag, start: start, end: end, first: first, count: UInt32(children.count)))
    }

    mutating func addLeaf(_ kind: NodeKind, from start: UInt32, to end: UInt32, payload: UInt32 = 0) -> NodeID {
        append(Node(kind: kind, flag: 0, start: start, end: end, first: payload, count: 0))
    }

    private mutating func append(_ node: Node) -> NodeID {
        nodes.append(node)
        return NodeID(UInt32(nodes.count - 1))
    }
}
