// OpenSSLTests.swift: tokens signed by the `openssl` command, with keys that it makes for the test.
//
// A peer that shares no code with the vectors, and keys that nobody has seen before.

import Foundation
import Machine
import Testing

@testable import Tokens

struct OpenSSLTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let algorithm: String
        let make: [String]
        let sign: [String]
        /// Bytes of a number of an ECDSA signature; 0 for others.
        var half = 0
        var testDescription: String { algorithm }
    }

    private static let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    private static let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    private static func curve(_ name: String) -> [String] {
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(name)"]
    }

    static let kinds = [
        Kind(algorithm: "RS256", make: rsa, sign: ["dgst", "-sha256"]),
        Kind(algorithm: "RS512", make: rsa, sign: ["dgst", "-sha512"]),
        Kind(algorithm: "PS256", make: rsa, sign: ["dgst", "-sha256"] + pss),
        Kind(algorithm: "PS384", make: rsa, sign: ["dgst", "-sha384"] + pss),
        Kind(algorithm: "ES256", make: curve("P-256"), sign: ["dgst", "-sha256"], half: 32),
        Kind(algorithm: "ES384", make: curve("P-384"), sign: ["dgst", "-sha384"], half: 48),
        Kind(algorithm: "ES512", make: curve("P-521"), sign: ["dgst", "-sha512"], half: 66),
        Kind(algorithm: "EdDSA", make: ["-algorithm", "ED25519"], sign: ["pkeyutl", "-rawin"]),
    ]

    @Test(arguments: kinds) func `a token by a key of today is taken, and by no other key`(_ kind: Kind) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "openssl-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = try ["key", "other"].map { name in
            try Self.openssl(["genpkey"] + kind.make + ["-out", "\(name).pem"], in: folder)
            try Self.openssl(["pkey", "-in", "\(name).pem", "-pubout", "-out", "\(name).pub"], in: folder)
            return try KeySet(secret: String(contentsOf: folder.appending(path: "\(name).pub"), encoding: .utf8))
        }
        // Several: of a curve, numbers that begin with zeros are written otherwise.
        for number in 0..<8 {
            let claims = #"{"iss":"https://login.example","aud":"shop","exp":4102444800,"n":\#(number)}"#
            let signed =
                "\(Self.encoded(Data(#"{"alg":"\#(kind.algorithm)"}"#.utf8))).\(Self.encoded(Data(claims.utf8)))"
            try Data(signed.utf8).write(to: folder.appending(path: "text"))
            let input =
                kind.sign[0] == "dgst"
                ? ["-sign", "key.pem", "-out", "signature", "text"]
                : ["-sign", "-inkey", "key.pem", "-in", "text", "-out", "signature"]
            try Self.openssl(kind.sign + input, in: folder)
            var signature = try Data(contentsOf: folder.appending(path: "signature"))
            if kind.half > 0 { signature = try Self.plain(signature, half: kind.half) }
            let token = "\(signed).\(Self.encoded(signature))"
            #expect(PeerTokens.problem(token, keys[0]) == nil)
            #expect(PeerTokens.problem(token, keys[1]) == .wrongSignatureOfUnnamedKey)
        }
    }

    private static func openssl(_ arguments: [String], in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments): \(String(decoding: said, as: UTF8.self))")
    }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// `SEQUENCE { INTEGER, INTEGER }` as the two numbers, in their full length.
    private static func plain(_ der: Data, half: Int) throws -> Data {
        let bytes = [UInt8](der)
        var position = bytes[1] < 0x80 ? 2 : 3
        var result = Data()
        for _ in 0..<2 {
            try #require(bytes[position] == 0x02)
            let count = Int(bytes[position + 1])
            let number = bytes[(position + 2)..<(position + 2 + count)].drop { $0 == 0 }
            result += Data(repeating: 0, count: half - number.count) + number
            position += 2 + count
        }
        return result
    }
}
