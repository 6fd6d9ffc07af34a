// FieldTrie.swift: the paths that rules mention, as a tree that drives the scanner.

struct FieldTrie {
    init(paths: [[PathStep]], in arena: Arena) {}
}
