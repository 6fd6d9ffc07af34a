// PeerTokens.swift: keys and tokens that PyJWT made, from Tests/Peers/tokens.

import Foundation
import Machine

@testable import Tokens

enum PeerTokens {
    /// When the tokens are shown: after they were issued, before they end, in 2027.
    static let now = 1_800_000_000.0

    static let data: JSON = {
        let place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/tokens/tokens.json")
        guard let bytes = try? Data(contentsOf: place), let data = try? JSON.parse([UInt8](bytes)) else {
            fatalError("\(place.path) cannot be read")
        }
        return data
    }()

    static let rules = TokenRules(
        issuer: "https://login.example", audiences: ["shop"], algorithms: [], leewaySeconds: 30)

    static func text(_ path: String...) -> String {
        path.reduce(data) { $0[$1] ?? .null }.string ?? "no \(path) in the data"
    }

    static func members(_ key: String) -> [JSON.Member] { data[key]?.members ?? [] }

    static func keys(_ name: String = "jwks") throws -> KeySet {
        try KeySet(publicDocument: (data[name] ?? .null).serialized())
    }

    /// The problem that a token has, nil for none.
    static func problem(
        _ token: String, _ keys: KeySet, _ rules: TokenRules = PeerTokens.rules, at now: Double = PeerTokens.now
    ) -> TokenProblem? {
        do throws(TokenProblem) {
            _ = try keys.verify(Array(token.utf8), by: rules, atUnixSeconds: now)
            return nil
        } catch {
            return error
        }
    }
}

extension TokenRules {
    func with(
        issuer: String? = nil, audiences: [String]? = nil, algorithms: [SignatureAlgorithm]? = nil,
        leewaySeconds: Double? = nil
    ) -> TokenRules {
        TokenRules(
            issuer: issuer ?? self.issuer, audiences: audiences ?? self.audiences,
            algorithms: algorithms ?? self.algorithms, leewaySeconds: leewaySeconds ?? self.leewaySeconds)
    }
}
