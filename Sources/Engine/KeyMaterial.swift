// KeyMaterial.swift: what tokens are checked against, and where it comes from.
//
// Immutable: one copy serves every loop. Neighbours: KeyKeeper.swift (gets it), Authentication.swift (uses it).

internal import Language
internal import Machine
internal import Tokens

enum KeySource: Sendable, Hashable {
    /// The secret is the token.
    case sharedToken(SecretPlace)
    case keys(KeyPlace)

    init(_ authentication: CompiledAuthentication) {
        switch authentication {
        case .sharedToken(let place): self = .sharedToken(place)
        case .webToken(_, let keys, _): self = .keys(keys)
        }
    }

    /// For the log.
    var text: String {
        switch self {
        case .sharedToken(let place), .keys(.secret(let place)):
            "\(place.store)/\(place.name)" + (place.key.map { " \($0)" } ?? "")
        case .keys(.document(let origin, let path)): origin + path
        }
    }
}

/// Why there is nothing to check tokens against.
struct KeyProblem: Error, Equatable {
    let message: String
}

struct KeyMaterial: Sendable {
    enum Kind: Sendable {
        case sharedToken([UInt8])
        case keys(KeySet)
    }

    let kind: Kind
    /// What it was read from, to see whether that has changed.
    private let origin: [UInt8]

    func isSame(as other: KeyMaterial) -> Bool { isEqualInConstantTime(origin, other.origin) }

    /// Of a public document.
    init(document: [UInt8]) throws(KeyProblem) {
        do throws(KeySetProblem) {
            kind = .keys(try KeySet(publicDocument: document))
        } catch {
            throw KeyProblem(message: error.message)
        }
        origin = document
    }

    init(secret: String, of source: KeySource) throws(KeyProblem) {
        origin = Array(secret.utf8)
        if case .sharedToken = source {
            guard !origin.isEmpty, origin.allSatisfy(BearerToken.isOfToken) else {
                throw KeyProblem(
                    message: "no request can carry it as its token: it is empty, or has a blank or a line end in it")
            }
            kind = .sharedToken(origin)
            return
        }
        do throws(KeySetProblem) {
            kind = .keys(try KeySet(secret: secret))
        } catch {
            throw KeyProblem(message: error.message)
        }
    }

    /// The value of a secret: the one under `key`, else its only one.
    static func value(of entries: [String: String], at place: SecretPlace) throws(KeyProblem) -> String {
        if let key = place.key {
            guard let value = entries[key] else { throw KeyProblem(message: "it has no key `\(key)`") }
            return value
        }
        guard entries.count == 1, let only = entries.first else {
            throw KeyProblem(message: "it has several values, so name one: `secret(\"…\", \"key\")`")
        }
        return only.value
    }
}
