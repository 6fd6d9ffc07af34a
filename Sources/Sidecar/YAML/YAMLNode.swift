// YAMLNode.swift: a YAML document as a small tree of values, each with its place for error messages.
//
// Scalars keep their text: whoever asks knows whether it wants a number. Nothing here knows what a resource is.
// Neighbours: YAMLReader.swift (builds the tree), Resources/ResourceFields.swift (reads it).

/// One node of a document.
struct YAMLNode: Sendable, Equatable {
    /// A pair of a mapping. Keys are scalars; the key's node keeps its place.
    struct Entry: Sendable, Equatable {
        let key: String
        let keyLine: Int
        let value: YAMLNode
    }

    enum Content: Sendable, Equatable {
        /// `isPlain`: written without quotes, so `null`, `~` and nothing at all mean null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the file; no key twice.
        case mapping([Entry])
    }

    let content: Content
    /// From 1.
    let line: Int

    /// Absent, `~`, `null` or empty without quotes.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }

    /// The value under a key; nil when there is none, or when this is no mapping.
    subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// What it is, for messages.
    var kindName: String {
        switch content {
        case .scalar where isNull: "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
