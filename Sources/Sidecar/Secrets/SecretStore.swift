// SecretStore.swift: what a secret store answers, whichever it is.

/// A named secret: one value under its own name, or several keys.
typealias SecretValues = [(key: String, value: String)]

enum SecretFailure: Error, Equatable {
    case notFound
    /// Names that belong to the sidecar are never given out.
    case refused

    var reason: String {
        switch self {
        case .notFound: "secret not found"
        case .refused: "this name belongs to the sidecar and is not given out"
        }
    }
}

/// Read at start, then constant: shared freely.
protocol SecretStore: Sendable {
    var capabilities: [String] { get }
    func secret(_ name: String) throws(SecretFailure) -> SecretValues
    /// All of them, sorted by name.
    func all() -> [(name: String, values: SecretValues)]
}
