// Digest.swift: SHA-256 and its HMAC, from OpenSSL, which is imported in this folder alone.
//
// FIPS 180-4 and RFC 2104. Neighbours: VerificationKey.swift (signatures), Builtins/SHA256.swift,
// Builtins/HMACSHA256.swift, the engine's ids of events.

internal import COpenSSL

package enum Digest {
    /// 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe sha256($0) }
    }

    static func sha256(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // SAFETY: OpenSSL reads `bytes.count` bytes and writes at most EVP_MAX_MD_SIZE.
        let done = unsafe EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
        precondition(done == 1 && length == 32, "SHA-256 is part of every OpenSSL")
        return Array(digest[..<32])
    }

    /// RFC 2104 with any of the hashes, for a key of any length.
    static func hmac(_ hash: SignatureAlgorithm.Hash, key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        unsafe key.withUnsafeBufferPointer { key in
            unsafe bytes.withUnsafeBufferPointer { bytes in unsafe hmac(hash, key: key, bytes) }
        }
    }

    /// 32 bytes; a key of any length.
    static func hmacSHA256(key: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        unsafe hmac(.sha256, key: key, bytes)
    }

    private static func hmac(
        _ hash: SignatureAlgorithm.Hash, key: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // SAFETY: as above; the key is read for its count too.
        let done = unsafe HMAC(
            hash.function, key.baseAddress, Int32(key.count), bytes.baseAddress, bytes.count, &digest, &length)
        precondition(unsafe done != nil && Int(length) == hash.byteCount, "SHA-2 is part of every OpenSSL")
        return Array(digest.prefix(hash.byteCount))
    }
}
