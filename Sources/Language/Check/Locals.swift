// Locals.swift: the local names of a body, innermost last, found by their symbol.
//
// A body has a few: then the newest of a name is looked for from the end. One with hundreds, which only a
// hostile file has, is indexed, so that no name is looked for in a time that grows with their number.

internal import Diagnostics

/// A local name.
struct Local: Sendable {
    let name: Symbol
    let range: SourceRange
    let type: Type
    let isVariable: Bool
    /// Whether it is worth a warning when nobody reads it.
    let isReported: Bool
    var isUsed = false
    /// The first of this name in the same scope, when it is bound there again.
    var first: Int?
}

struct Locals: Sendable, RandomAccessCollection, MutableCollection {
    private static var scannedMax: Int { 24 }

    private var stack: [Local] = []
    /// The symbols alone: what is scanned.
    private var names: [Symbol] = []
    /// Places of the names that have more than `scannedMax` below them, or are among so many; newest last.
    private var places: [Symbol: [Int]] = [:]

    var startIndex: Int { 0 }
    var endIndex: Int { stack.count }

    subscript(index: Int) -> Local {
        _read { yield stack[index] }
        _modify { yield &stack[index] }
    }

    /// The place of the newest local of that name.
    func newest(_ name: Symbol) -> Int? {
        if names.count > Self.scannedMax { return places[name]?.last }
        var index = names.count
        while index > 0 {
            index -= 1
            if names[index] == name { return index }
        }
        return nil
    }

    mutating func append(_ local: Local) {
        stack.append(local)
        names.append(local.name)
        if names.count == Self.scannedMax + 1 {
            for (place, name) in names.enumerated() { places[name, default: []].append(place) }
        } else if names.count > Self.scannedMax {
            places[local.name, default: []].append(names.count - 1)
        }
    }

    /// Forgets the locals from `start` on.
    mutating func remove(from start: Int) {
        while stack.count > start, let last = stack.popLast() {
            names.removeLast()
            if names.count == Self.scannedMax {
                places = [:]
            } else if names.count > Self.scannedMax {
                places[last.name]?.removeLast()
            }
        }
    }
}
