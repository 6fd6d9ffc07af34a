// SignatureTests.swift: signatures against the examples of RFC 7515 (appendix A) and RFC 8037 (appendix A).

import Testing

@testable import Machine

struct SignatureTests {
    private static let joe =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private struct Example {
        let algorithm: SignatureAlgorithm
        let signed: String
        let signature: String
        let key: VerificationKey
    }

    private static func bytes(_ text: String) throws -> [UInt8] {
        try #require(Base64.decodeURL(Array(text.utf8)[...]))
    }

    private static func examples() throws -> [Example] {
        [
            Example(
                algorithm: .hs256, signed: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(joe)",
                signature: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                key: try VerificationKey(
                    sharedSecret: bytes(
                        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))),
            Example(
                algorithm: .rs256, signed: "eyJhbGciOiJSUzI1NiJ9.\(joe)",
                signature: """
                    cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
                    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                    BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
                    0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
                    hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                    p0igcN_IoypGlUPQGe77Rw
                    """,
                key: try VerificationKey(
                    rsaModulus: bytes(
                        """
                        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp\
                        -Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW\
                        vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs\
                        LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k\
                        G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2\
                        PAcDTW9gb54h4FRWyuXpoQ
                        """), exponent: bytes("AQAB"))),
            Example(
                algorithm: .es256, signed: "eyJhbGciOiJFUzI1NiJ9.\(joe)",
                signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                key: try VerificationKey(
                    curve: .p256, x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                    y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))),
            Example(
                algorithm: .es512, signed: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
                signature: """
                    AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq\
                    wqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8Kp\
                    EHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn
                    """,
                key: try VerificationKey(
                    curve: .p521,
                    x: bytes(
                        "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"),
                    y: bytes(
                        "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"))),
            Example(
                algorithm: .edDSA, signed: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
                key: try VerificationKey(ed25519: bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))),
        ]
    }

    @Test func `the examples verify, by their own algorithm alone, and not with a bit changed`() throws {
        for example in try Self.examples() {
            let (message, signature) = (Array(example.signed.utf8), try Self.bytes(example.signature))
            #expect(example.key.verify(signature, of: message, by: example.algorithm), "\(example.algorithm)")
            for other in SignatureAlgorithm.allCases where other != example.algorithm {
                #expect(!example.key.verify(signature, of: message, by: other), "\(example.algorithm) as \(other)")
            }
            for position in signature.indices {
                var changed = signature
                changed[position] ^= 1 << UInt8(position % 8)
                #expect(!example.key.verify(changed, of: message, by: example.algorithm))
            }
            #expect(!example.key.verify(signature, of: message + [0], by: example.algorithm))
            #expect(!example.key.verify(signature + [0], of: message, by: example.algorithm))
            #expect(!example.key.verify(signature.dropLast(), of: message, by: example.algorithm))
            #expect(!example.key.verify([], of: message, by: example.algorithm))
            #expect(!example.key.verify(signature, of: [], by: example.algorithm))
        }
    }

    @Test func `numbers of a signature beyond the curve, and zero, verify nothing`() throws {
        let example = try #require(try Self.examples().first { $0.algorithm == .es256 })
        let message = Array(example.signed.utf8)
        for fill in [0x00, 0xFF] as [UInt8] {
            #expect(!example.key.verify(Array(repeating: fill, count: 64), of: message, by: .es256))
        }
    }

    @Test(
        arguments: [
            ([], [0x02, 0x01, 0x00]), ([0], [0x02, 0x01, 0x00]), ([0, 0, 1], [0x02, 0x01, 0x01]),
            ([0x80], [0x02, 0x02, 0x00, 0x80]), ([0x7F, 0xFF], [0x02, 0x02, 0x7F, 0xFF]),
        ] as [([UInt8], [UInt8])])
    func `numbers in DER are as short as they can be`(magnitude: [UInt8], der: [UInt8]) {
        #expect(DER.integer(magnitude) == der)
    }

    @Test(arguments: [127, 128, 255, 256, 70_000])
    func `lengths in DER are as short as they can be`(count: Int) {
        let header = DER.bitString(Array(repeating: 0, count: count - 1)).dropLast(count)
        let wanted: [Int: [UInt8]] = [
            127: [0x03, 0x7F], 128: [0x03, 0x81, 0x80], 255: [0x03, 0x81, 0xFF], 256: [0x03, 0x82, 0x01, 0x00],
            70_000: [0x03, 0x83, 0x01, 0x11, 0x70],
        ]
        #expect(Array(header) == wanted[count])
    }

    @Test(arguments: ["", "AQ", "_-8", "AAECAw"])
    func `base64url has one spelling`(text: String) throws {
        #expect(Base64.decodeURL(Array(text.utf8)[...]) != nil)
        for other in ["\(text)=", "\(text) ", "\n\(text)", "\(text)A==", "\(text)+", "\(text)/a"] {
            #expect(Base64.decodeURL(Array(other.utf8)[...]) == nil, "\(other)")
        }
        #expect(Base64.decodeURL(Array("AR".utf8)[...]) == nil)
    }
}
