// RandomBytes.swift: randomness from the kernel, for identifiers and tokens.
internal import CLinux

package enum RandomBytes {
    /// Unpredictable bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return unsafe Int(clinux_random(rest.baseAddress, rest.count))
            }
            // Only EINTR can fail here, and only for large requests.
            filled += max(more, 0)
        }
        return bytes
    }

    /// Lower-case hexadecimal digits, two per byte: 16 bytes make a trace id.
    package static func hexadecimal(bytes count: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes(count).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A random UUID (RFC 9562, version 4).
    package static func uuid() -> String {
        var digits = Array(hexadecimal(bytes: 16).utf8)
        digits[12] = UInt8(ascii: "4")
        digits[16] = Array("89ab".utf8)[Int(bytes(1)[0] & 3)]
        for index in [8, 13, 18, 23] { digits.insert(UInt8(ascii: "-"), at: index) }
        return String(decoding: digits, as: UTF8.self)
    }
}
