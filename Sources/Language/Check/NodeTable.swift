// NodeTable.swift: what is known of some nodes of all files, by node.
//
// A deployment has millions of nodes, and a handful in a hundred have an entry: so a page of 64 numbers exists
// only where one of its nodes has one, and neither asking nor noting hashes anything.
// Neighbours: Checker.swift (notes), Lower/ (asks).

internal import Diagnostics

struct NodeTable<Element: Sendable>: Sendable {
    private static var pageBits: UInt32 { 6 }

    /// The first page of each file.
    private let firstPages: [Int]
    /// Where a page's numbers begin in `numbers`; 0 for a page without any.
    private var pages: [UInt32]
    /// Place in `elements` + 1, or 0. The first page stands for those that do not exist.
    private var numbers: [UInt32]
    private var elements: [Element] = []

    /// - Parameter trees: in the order of the files.
    init(for trees: some Collection<SyntaxTree>) {
        var first: [Int] = []
        var count = 0
        for tree in trees {
            first.append(count)
            count += tree.nodeCount >> Int(Self.pageBits) + 1
        }
        firstPages = first
        pages = Array(repeating: 0, count: count)
        numbers = Array(repeating: 0, count: 1 << Int(Self.pageBits))
    }

    subscript(key: NodeKey) -> Element? {
        get {
            let place = Int(pages[page(of: key)]) + offset(of: key)
            let number = numbers[place]
            return number == 0 ? nil : elements[Int(number) - 1]
        }
        set {
            guard let newValue else { return remove(key) }
            let page = page(of: key)
            if pages[page] == 0 {
                pages[page] = UInt32(numbers.count)
                for _ in 0..<(1 << Int(Self.pageBits)) { numbers.append(0) }
            }
            let place = Int(pages[page]) + offset(of: key)
            if numbers[place] == 0 {
                elements.append(newValue)
                numbers[place] = UInt32(elements.count)
            } else {
                elements[Int(numbers[place]) - 1] = newValue
            }
        }
    }

    private mutating func remove(_ key: NodeKey) {
        let start = Int(pages[page(of: key)])
        if start > 0 { numbers[start + offset(of: key)] = 0 }
    }

    @inline(__always)
    private func page(of key: NodeKey) -> Int { firstPages[key.file] + Int(key.node.rawValue >> Self.pageBits) }
    @inline(__always)
    private func offset(of key: NodeKey) -> Int { Int(key.node.rawValue & (1 << Self.pageBits - 1)) }
}
