// AuthenticationRefusal.swift: why a request did not get to its endpoint, and how its sender is told.
//
// Source: RFC 6750 section 3: a challenge, with an error only for those who tried. Neighbours: Authentication.swift
// (decides), EndpointCall.swift (answers).

internal import Machine

/// Counted by these.
package enum RefusalReason: Int, CaseIterable, Sendable {
    case noToken, malformedRequest, badToken, missingScope, noKeys

    package var name: String {
        switch self {
        case .noToken: "no_token"
        case .malformedRequest: "malformed_request"
        case .badToken: "bad_token"
        case .missingScope: "missing_scope"
        case .noKeys: "no_keys"
        }
    }
}

struct AuthenticationRefusal: Sendable {
    let reason: RefusalReason
    /// For the sender: no quote and no backslash stands in it.
    let message: String
    /// What the endpoint asks for, told to who has a token that does not have it.
    var scopes: [String] = []

    static let noToken = Self(reason: .noToken, message: "this endpoint takes a bearer token")
    static let malformedRequest = Self(
        reason: .malformedRequest, message: "one Authorization header with one bearer token is taken")
    static let noKeys = Self(reason: .noKeys, message: "tokens cannot be verified at the moment")

    var kind: FailureClass {
        switch reason {
        case .noToken, .badToken: .unauthorized
        case .malformedRequest: .invalid
        case .missingScope: .forbidden
        case .noKeys: .unavailable
        }
    }

    /// - Parameter realm: what the token is for.
    func headers(realm: String) -> [(name: String, value: String)] {
        guard let error else { return [(name: "retry-after", value: "1")] }
        var challenge = "Bearer realm=\"\(Self.quotable(realm))\""
        if !error.isEmpty { challenge += ", error=\"\(error)\", error_description=\"\(message)\"" }
        if !scopes.isEmpty { challenge += ", scope=\"\(scopes.joined(separator: " "))\"" }
        return [(name: "www-authenticate", value: challenge)]
    }

    /// What may stand between quotes in a header, of a name that anybody chose.
    private static func quotable(_ text: String) -> String {
        String(decoding: text.utf8.filter { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }, as: UTF8.self)
    }

    /// Empty: who sent no token made no error. Nil: it was not the sender's.
    private var error: String? {
        switch reason {
        case .noToken: ""
        case .malformedRequest: "invalid_request"
        case .badToken: "invalid_token"
        case .missingScope: "insufficient_scope"
        case .noKeys: nil
        }
    }
}
