// PublicKeyText.swift: a public key as text: PEM, or what is inside of it.
//
// RFC 7468 section 13. What is nearly one is refused in words, and never taken for a shared secret: an attacker knows a
// public key, and would sign with its text (RFC 8725 section 2.1). Neighbours: KeySet.swift.

internal import Machine

enum PublicKeyText {
    private static let beginning = "-----BEGIN "
    private static let label = "PUBLIC KEY"

    /// The key; nil for a text that is none and resembles none.
    static func key(in text: String) throws(VerificationKeyProblem) -> VerificationKey? {
        guard let start = text.firstRange(of: beginning) else {
            try refuseBareKey(text)
            return nil
        }
        let rest = text[start.upperBound...]
        guard let headEnd = rest.firstRange(of: "-----") else { throw problem("its PEM is cut off") }
        let found = rest[..<headEnd.lowerBound]
        switch found {
        case "PUBLIC KEY": break
        case "CERTIFICATE":
            throw problem("it is a certificate: take its key with `openssl x509 -pubkey -noout`")
        case "RSA PUBLIC KEY":
            throw problem("it is in the older form of RSA: convert it with `openssl rsa -RSAPublicKey_in -pubout`")
        case _ where found.hasSuffix("PRIVATE KEY"):
            throw problem("it is a private key, which has no business here: store the public one alone")
        default: throw problem("its PEM is of another kind")
        }
        let body = rest[headEnd.upperBound...]
        guard let tail = body.firstRange(of: "-----END \(label)-----") else { throw problem("its PEM is cut off") }
        guard let der = decode(body[..<tail.lowerBound]) else { throw problem("its PEM is not base64") }
        return try VerificationKey(subjectPublicKeyInfo: der)
    }

    /// Some issuers show their public key as base64 without the lines around it.
    private static func refuseBareKey(_ text: String) throws(VerificationKeyProblem) {
        guard let der = decode(text[...]), (try? VerificationKey(subjectPublicKeyInfo: der)) != nil else { return }
        throw problem("it is a public key without `-----BEGIN PUBLIC KEY-----` around it")
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        Base64.decode(text.utf8.filter { !" \t\r\n".utf8.contains($0) }[...])
    }

    private static func problem(_ message: String) -> VerificationKeyProblem {
        VerificationKeyProblem(message: message)
    }
}
