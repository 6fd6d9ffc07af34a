// StateKeys.swift: how a key of the app becomes a key of the store, and which keys are invalid.
//
// Source: contract 3.2, "Key prefix". Stored is `<prefix>||<key>`, so no key and no prefix may hold `||`.

internal import DaprContract

/// A store's rule for keys, from its `keyPrefix`.
struct StateKeys: Sendable, Equatable {
    /// Nil: keys as they are.
    let prefix: String?

    /// - Returns: nil when the literal prefix holds the separator.
    init?(keyPrefix: String?, appID: String, namespace: String, storeName: String) {
        switch keyPrefix ?? "appid" {
        case "", "appid": prefix = appID
        case "name": prefix = storeName
        case "namespace": prefix = namespace.isEmpty ? appID : "\(namespace).\(appID)"
        case "none": prefix = nil
        case let literal:
            guard Self.isValid(literal) else { return nil }
            prefix = literal
        }
    }

    func stored(_ key: String) -> String { prefix.map { "\($0)\(StateField.separator)\(key)" } ?? key }

    static func isValid(_ key: String) -> Bool {
        var wasBar = false
        for byte in key.utf8 {
            let isBar = byte == UInt8(ascii: "|")
            if isBar && wasBar { return false }
            wasBar = isBar
        }
        return true
    }
}
