// CompiledAuthentication.swift: who may call an endpoint, as its option `auth` says.
//
// Pure data. Neighbours: Check/Checker+Authentication.swift (reads it), Engine/Authentication.swift (keeps to it).

package import Tokens

package enum CompiledAuthentication: Sendable, Hashable {
    /// Whoever carries this secret as the bearer token.
    case sharedToken(SecretPlace)
    /// Whoever carries a JSON Web Token by these rules, with all of these scopes.
    case webToken(TokenRules, keys: KeyPlace, scopes: [String])
}

/// `secret("store/name")`, `secret("store/name", "key")`
package struct SecretPlace: Sendable, Hashable {
    package let store: String
    package let name: String
    package let key: String?

    package init(store: String, name: String, key: String?) {
        self.store = store
        self.name = name
        self.key = key
    }
}

/// Where the keys are that tokens are verified with.
package enum KeyPlace: Sendable, Hashable {
    case secret(SecretPlace)
    /// A JWK Set behind the sidecar's service invocation.
    ///
    /// - Parameters:
    ///   - origin: an app id, the name of an `HTTPEndpoint`, or `https://host:port`.
    ///   - path: from its `/` on.
    case document(origin: String, path: String)
}
