// TreeBuilder.swift: a tree while the parser makes it.
//
// Children are added before their node. Neighbours: SyntaxTree.swift (what it becomes), Parser.swift (drives it).

internal import Diagnostics

struct TreeBuilder {
    let file: SourceFileID
    var root: NodeID = .none
    var nodes: [TreeNode] = []
    var childIDs: [NodeID] = []
    var integers: [Int64] = []
    var floats: [Double] = []
    var strings: [String] = []

    init(file: SourceFileID) { self.file = file }

    func kind(of id: NodeID) -> NodeKind { nodes[Int(id.rawValue)].kind }
    func range(of id: NodeID) -> SourceRange {
        let node = nodes[Int(id.rawValue)]
        return SourceRange(file: file, start: node.start, end: node.end)
    }
    func children(of id: NodeID) -> ArraySlice<NodeID> {
        let node = nodes[Int(id.rawValue)]
        guard node.count > 0 else { return [] }
        return childIDs[Int(node.first)..<Int(node.first + node.count)]
    }
    /// Nodes on the longest way down from here.
    func height(of id: NodeID) -> Int { id.exists ? Int(nodes[Int(id.rawValue)].height) : 0 }

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
            TreeNode(
                kind: kind, flag: flag, height: height &+ 1, start: start, end: end, first: first,
                count: UInt32(count)))
        return NodeID(UInt32(nodes.count - 1))
    }
}
