// BuiltinTable.swift: all builtins, in the order of their numbers.
//
// Neighbours: Builtins/ (one file each).

extension Builtin {
    package static let all: [Builtin] = [
        .length, .lower,
    ]
}
