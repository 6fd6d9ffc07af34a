// PeerTokens.swift: keys and tokens that PyJWT made, from Tests/Peers/tokens, and tokens that a test signs itself.

import Foundation
import Synchronization

@testable import Machine

enum PeerTokens {
    static let data: JSON = {
        let place = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/tokens/tokens.json")
        guard let bytes = try? Data(contentsOf: place), let data = try? JSON.parse([UInt8](bytes)) else {
            fatalError("\(place.path) cannot be read")
        }
        return data
    }()

    static func text(_ path: String...) -> String {
        path.reduce(data) { $0[$1] ?? .null }.string ?? "no \(path) in the data"
    }

    /// A JWK Set as its issuer publishes it.
    static func document(_ name: String = "jwks") -> String {
        String(decoding: (data[name] ?? .null).serialized(), as: UTF8.self)
    }

    /// HS256, over the usual claims and these.
    static func signed(with secret: String, _ claims: JSON.Member...) -> String {
        let all = (data["claims"]?.members ?? []).filter { usual in !claims.contains { $0.key == usual.key } } + claims
        let signed = "\(encoded(Array(#"{"alg":"HS256"}"#.utf8))).\(encoded(JSON.object(all).serialized()))"
        return "\(signed).\(encoded(Digest.hmac(.sha256, key: Array(secret.utf8), Array(signed.utf8))))"
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// What a sidecar answers at the moment; a test changes it.
final class Shelf: Sendable {
    private let values: Mutex<[String: String]>

    init(_ values: [String: String] = [:]) { self.values = Mutex(values) }

    subscript(target: String) -> String? {
        get { values.withLock { $0[target] } }
        set { values.withLock { $0[target] = newValue } }
    }

    /// What is there, or 500.
    var script: FakeSidecar.Script {
        { [self] call in
            guard let value = self[call.target] else {
                return .reply(500, #"{"errorCode":"ERR_SECRET_GET","message":"nothing is at \#(call.target)"}"#)
            }
            return .reply(200, value)
        }
    }
}
