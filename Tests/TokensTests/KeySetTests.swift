// KeySetTests.swift: what is a key, what is left out of a set, and what is never taken for a secret.

import Machine
import Testing

@testable import Tokens

struct KeySetTests {
    private static func problem(_ make: () throws(KeySetProblem) -> KeySet) -> String {
        do throws(KeySetProblem) {
            return "\(try make().count) keys"
        } catch {
            return error.message
        }
    }

    private static let rsa = PeerTokens.data["jwks"]?["keys"]?[0] ?? .null
    private static let p256 = PeerTokens.data["jwks"]?["keys"]?[1] ?? .null

    private static func changed(_ key: JSON, _ changes: (String, JSON?)...) -> JSON {
        var members = key.members ?? []
        for (name, value) in changes {
            members.removeAll { $0.key == name }
            if let value { members.append(.init(name, value)) }
        }
        return .object(members)
    }

    private static let misfits: [(JSON, String)] = [
        (changed(rsa, ("alg", "ES256")), "its `alg` is none that such a key is for"),
        (changed(rsa, ("alg", "HS256")), "its `alg` is none that such a key is for"),
        (changed(rsa, ("alg", "none")), "its `alg` is none that such a key is for"),
        (changed(rsa, ("alg", "RSA-OAEP")), "its `alg` is none that such a key is for"),
        (changed(rsa, ("kid", 5)), "its `kid` is no text"), (changed(rsa, ("kty", nil)), "it has no list `keys`"),
        (changed(rsa, ("kty", "DSA")), "its kind is not known here"),
        (changed(rsa, ("kty", 5)), "it has no `kty`"), (changed(rsa, ("n", nil)), "its `n` is not base64url"),
        (changed(rsa, ("n", "a+b/")), "its `n` is not base64url"),
        (changed(rsa, ("n", "")), "its `n` is not base64url"),
        (changed(rsa, ("n", "AQAB")), "an RSA key has 2048 to 8192 bits, and this one has 17"),
        (changed(rsa, ("e", "AQ")), "its public exponent is none"),
        (changed(rsa, ("e", "Ag")), "its public exponent is none"),
        (changed(rsa, ("e", "AA")), "its public exponent is none"),
        (changed(rsa, ("e", "AQAAAAAAAAAB")), "its public exponent is none"),
        (changed(p256, ("crv", "P-384")), "a coordinate of P-384 has 48 bytes"),
        (changed(p256, ("crv", "secp256k1")), "its kind is not known here"),
        (changed(p256, ("crv", nil)), "its kind is not known here"),
        (changed(p256, ("y", p256["x"])), "it is not a public key"),
        (changed(p256, ("x", "AAAA")), "a coordinate of P-256 has 32 bytes"),
        (["kty": "OKP", "crv": "Ed25519", "x": "AAAA"], "a key of Ed25519 has 32 bytes"),
        (["kty": "OKP", "crv": "X25519", "x": "AAAA"], "its kind is not known here"),
        (["kty": "oct", "k": "c2hvcnQ"], "a shared secret has at least 32 bytes, and this one has 5"),
    ]

    @Test(arguments: misfits)
    func `a key that is none, or not for this, is left out and the reason is told`(key: JSON, why: String) throws {
        let alone = Self.problem { () throws(KeySetProblem) in
            try KeySet(secret: String(decoding: key.serialized(), as: UTF8.self))
        }
        #expect(alone.hasSuffix(why), "\(alone)")
        guard key["kty"] != nil else { return }
        let set = JSON.object([.init("keys", [key, Self.p256])])
        let keys = try KeySet(publicDocument: set.serialized())
        #expect(keys.count == 1 && keys.leftOut.count == 1)
    }

    private static let others = [
        changed(rsa, ("use", "enc")), changed(rsa, ("key_ops", ["sign"])), changed(rsa, ("key_ops", "verify")),
        changed(rsa, ("use", 5)),
    ]

    @Test(arguments: others)
    func `a key for something else is passed over without a word`(key: JSON) throws {
        #expect(
            Self.problem { () throws(KeySetProblem) in try KeySet(publicDocument: key.serialized()) }
                == "it has no key to verify with")
        let set = try KeySet(publicDocument: JSON.object([.init("keys", [key, Self.p256])]).serialized())
        #expect(set.count == 1 && set.leftOut.isEmpty)
    }

    @Test func `what is nearly a key is never a shared secret`() throws {
        let pem = PeerTokens.text("pem", "RS256")
        let body = pem.split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
        for (text, why) in [
            (pem.replacing("PUBLIC KEY", with: "CERTIFICATE"), "it is a certificate: take its key with"),
            (pem.replacing("PUBLIC KEY", with: "RSA PUBLIC KEY"), "it is in the older form of RSA: convert it with"),
            (pem.replacing("PUBLIC KEY", with: "PRIVATE KEY"), "it is a private key, which has no business here"),
            (pem.replacing("PUBLIC KEY", with: "ENCRYPTED PRIVATE KEY"), "it is a private key"),
            (pem.replacing("PUBLIC KEY", with: "OPENSSH KEY"), "its PEM is of another kind"),
            (String(pem.prefix(100)), "its PEM is cut off"), ("-----BEGIN PUBLIC", "its PEM is cut off"),
            ("# key\n" + pem.replacing("-----END", with: "!-----END"), "its PEM is not base64"),
            (pem.replacing("MII", with: "AAA"), "it is not a public key"),
            (body, "it is a public key without"), (body.replacing("\n", with: ""), "it is a public key without"),
            (String(pem.replacing("\n", with: "\r\n")), "1 keys"), ("  \n\(pem)\n", "1 keys"),
            ("{ not JSON, however long it may be: 0123456789 }", "it is not a JSON object"),
            ("[\(String(repeating: "1,", count: 40))2]", "it is not a JSON object"),
            (#"{"keys":5,"padding":"01234567890123456789"}"#, "it has no list `keys`"),
            (#"{"keys":[],"padding":"01234567890123456789"}"#, "it has no key to verify with"),
            ("", "it is empty"), (" \n ", "it is empty"),
            (String(repeating: "s", count: 31), "a shared secret has at least 32 bytes, and this one has 31"),
        ] {
            let found = Self.problem { () throws(KeySetProblem) in try KeySet(secret: text) }
            #expect(found.hasPrefix(why), "\(text.prefix(40)): \(found)")
        }
    }

    @Test func `a shared secret that everyone may read is left out`() throws {
        let secret = JSON.object([.init("kty", "oct"), .init("k", .string(String(repeating: "A", count: 64)))])
        let mixed = JSON.object([.init("keys", [secret, Self.rsa])]).serialized()
        #expect(try KeySet(publicDocument: mixed).leftOut == ["key 1: a shared secret that everyone may read is none"])
        #expect(try KeySet(secret: String(decoding: mixed, as: UTF8.self)).count == 2)
    }

    @Test func `a set has a hundred keys and 256 KB at most`() throws {
        func set(_ count: Int) -> [UInt8] {
            JSON.object([.init("keys", .array(Array(repeating: Self.p256, count: count)))]).serialized()
        }
        #expect(try KeySet(publicDocument: set(100)).count == 100)
        #expect(
            Self.problem { () throws(KeySetProblem) in try KeySet(publicDocument: set(101)) }
                == "it has 101 keys, and 100 are the most")
        let blanks = set(1) + Array(repeating: 0x20, count: 256 << 10)
        #expect(
            Self.problem { () throws(KeySetProblem) in try KeySet(publicDocument: blanks) }
                == "it is larger than 256 KB")
    }

    @Test(arguments: [
        (31, []), (32, ["HS256"]), (47, ["HS256"]), (48, ["HS256", "HS384"]), (64, ["HS256", "HS384", "HS512"]),
    ])
    func `a shared secret serves the hashes that it is long enough for`(count: Int, names: [String]) throws {
        let key = try? VerificationKey(sharedSecret: Array(repeating: 7, count: count))
        #expect(SignatureAlgorithm.allCases.filter { key?.fits($0) ?? false }.map(\.rawValue) == names)
    }

    @Test(arguments: [
        ("RS256", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]), ("ES256", ["ES256"]), ("ES384", ["ES384"]),
        ("ES512", ["ES512"]), ("EdDSA", ["EdDSA"]),
    ])
    func `a key fits the algorithms of its kind and no other`(name: String, algorithms: [String]) throws {
        let keys = try KeySet(secret: PeerTokens.text("pem", name))
        let key = try #require(keys.entries.first?.key)
        #expect(SignatureAlgorithm.allCases.filter(key.fits).map(\.rawValue) == algorithms)
    }
}
