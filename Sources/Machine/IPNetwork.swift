// IPNetwork.swift: addresses and networks of IPv4 and IPv6, for `in_cidr` and for rules.
//
// Read from bytes without an allocation: rules ask for every event. Neighbours: Builtins/InCIDR.swift, Routing.

/// An address: 128 bits, of which version 4 uses the lowest 32.
package struct IPAddress: Sendable, Hashable, BitwiseCopyable {
    package let high: UInt64
    package let low: UInt64
    package let isVersion6: Bool
    package var bitCount: Int { isVersion6 ? 128 : 32 }

    /// Longer texts are no address.
    package static let textBytesMax = 45

    init(high: UInt64, low: UInt64, isVersion6: Bool) {
        self.high = high
        self.low = low
        self.isVersion6 = isVersion6
    }

    /// `10.1.2.3`, `2001:db8::1`, `::ffff:10.1.2.3`. Nil for anything else.
    package init?(_ text: Value) {
        guard text.isString, text.length <= Self.textBytesMax else { return nil }
        self.init(text.text, count: text.length)
    }

    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.textBytesMax else { return nil }
        var bytes = Array(text.utf8)
        bytes += Array(repeating: 0, count: BytePointer.paddingBytes)
        let count = text.utf8.count
        let parsed = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe IPAddress(BytePointer($0), count: count) }
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private init?(_ text: BytePointer, count: Int) {
        for offset in 0..<count where text[offset] == UInt8(ascii: ":") {
            self.init(version6: text, count: count)
            return
        }
        guard let low = Self.version4(text, 0, count) else { return nil }
        self.init(high: 0, low: low, isVersion6: false)
    }

    /// Four decimal numbers without leading zeros.
    private static func version4(_ text: BytePointer, _ start: Int, _ end: Int) -> UInt64? {
        var result: UInt64 = 0
        var place = start
        for part in 0..<4 {
            if part > 0 {
                guard place < end, text[place] == UInt8(ascii: ".") else { return nil }
                place += 1
            }
            let first = place
            var number: UInt64 = 0
            while place < end, place - first < 4, text[place] &- UInt8(ascii: "0") <= 9 {
                number = number * 10 + UInt64(text[place] - UInt8(ascii: "0"))
                place += 1
            }
            let digits = place - first
            guard digits >= 1, digits <= 3, number <= 255, digits == 1 || text[first] != UInt8(ascii: "0") else {
                return nil
            }
            result = result << 8 | number
        }
        return place == end ? result : nil
    }

    /// Eight groups of up to four hexadecimal digits; one `::` stands for two or more groups of zeros; the last two
    /// groups may be written as an address of version 4.
    private init?(version6 text: BytePointer, count: Int) {
        var groups = Groups()
        var gap: Int?
        var place = 0
        if count >= 2, text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return nil }
            gap = 0
            place = 2
        }
        while place < count {
            guard groups.count < 8 else { return nil }
            let first = place
            var number: UInt64 = 0
            while place < count, let digit = hexDigit(text[place]) {
                number = number << 4 | UInt64(digit)
                place += 1
                if place - first > 4 { break }
            }
            if place < count, text[place] == UInt8(ascii: ".") {
                guard groups.count <= 6, let mapped = Self.version4(text, first, count) else { return nil }
                groups.append(mapped >> 16)
                groups.append(mapped & 0xffff)
                place = count
                break
            }
            guard place > first, place - first <= 4 else { return nil }
            groups.append(number)
            guard place < count else { break }
            guard text[place] == UInt8(ascii: ":"), place + 1 < count else { return nil }
            place += 1
            if text[place] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                place += 1
            }
        }
        let missing = 8 - groups.count
        guard gap == nil ? missing == 0 : missing >= 1 else { return nil }
        let (high, low) = groups.spread(gap: gap ?? groups.count)
        self.init(high: high, low: low, isVersion6: true)
    }

    /// Up to eight numbers of sixteen bits, the first one highest.
    private struct Groups {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0

        mutating func append(_ group: UInt64) {
            high = high << 16 | low >> 48
            low = low << 16 | group
            count += 1
        }

        /// Zeros put in where the gap is, so that there are eight groups.
        func spread(gap: Int) -> (UInt64, UInt64) {
            let tailBits = (count - gap) * 16
            let whole = UInt128(high) << 64 | UInt128(low)
            let tail = tailBits == 0 ? 0 : whole & (UInt128.max >> UInt128(128 - tailBits))
            let head = tailBits == 128 ? 0 : whole >> UInt128(tailBits)
            let headShift = 128 - gap * 16
            let result = (headShift == 128 ? 0 : head << UInt128(headShift)) | tail
            return (UInt64(truncatingIfNeeded: result >> 64), UInt64(truncatingIfNeeded: result))
        }
    }
}

/// `10.0.0.0/8`, `2001:db8::/32`; without a length a single address.
package struct IPNetwork: Sendable, Hashable, BitwiseCopyable {
    /// With zeros behind the prefix.
    package let base: IPAddress
    package let prefixBits: Int

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        var bits = address.bitCount
        if parts.count == 2 {
            guard let stated = Int(parts[1]), 0...bits ~= stated, parts[1].utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else {
                return nil
            }
            bits = stated
        }
        prefixBits = bits
        base = Self.prefix(of: address, bits: bits)
    }

    /// The address with zeros behind its first `bits` bits.
    package static func prefix(of address: IPAddress, bits: Int) -> IPAddress {
        guard address.isVersion6 else {
            let low = bits == 0 ? 0 : address.low & (UInt64.max << UInt64(32 - bits))
            return IPAddress(high: 0, low: low & 0xffff_ffff, isVersion6: false)
        }
        let high = bits >= 64 ? address.high : bits == 0 ? 0 : address.high & (UInt64.max << UInt64(64 - bits))
        let low = bits <= 64 ? 0 : bits == 128 ? address.low : address.low & (UInt64.max << UInt64(128 - bits))
        return IPAddress(high: high, low: low, isVersion6: true)
    }

    /// No for an address of the other family.
    package func contains(_ address: IPAddress) -> Bool {
        address.isVersion6 == base.isVersion6 && Self.prefix(of: address, bits: prefixBits) == base
    }

    /// No for a text that is no address, and for one of the other family.
    package func contains(_ text: some StringProtocol) -> Bool { IPAddress(text).map { contains($0) } ?? false }
}
