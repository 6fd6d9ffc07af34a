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
    private let origin: [UInt8]

    /// Reads a secret's value, or a document.
    init(_ origin: [UInt8], of source: KeySource) throws(KeyProblem) {
        self.origin = origin
        do throws(KeySetProblem) {
            switch source {
            case .sharedToken:
                guard !origin.isEmpty, origin.allSatisfy(BearerToken.isOfToken) else {
                    throw KeySetProblem(
                        message: "no request can carry it as its token: it is empty, or has a blank or a line end in it"
                    )
                }
                kind = .sharedToken(origin)
            case .keys(.secret): kind = .keys(try KeySet(secret: String(decoding: origin, as: UTF8.self)))
            case .keys(.document): kind = .keys(try KeySet(publicDocument: origin))
            }
        } catch {
            throw KeyProblem(message: error.message)
        }
    }

    /// Whether it was read from these bytes: reading a hundred keys again would hold up the loop for milliseconds.
    func isRead(from origin: [UInt8]) -> Bool { isEqualInConstantTime(self.origin, origin) }

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
