// IPNetwork.swift: addresses and networks of IPv4 and IPv6, for `in_cidr` and for rules.

/// `10.0.0.0/8`, `2001:db8::/32`; without a length a single address.
package struct IPNetwork: Sendable, Equatable {
    private let address: [UInt8]
    private let prefixBits: Int

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.address(first) else { return nil }
        var bits = address.count * 8
        if parts.count == 2 {
            guard let stated = Int(parts[1]), 0...bits ~= stated, parts[1].utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else {
                return nil
            }
            bits = stated
        }
        self.address = address
        prefixBits = bits
    }

    /// No for a text that is no address, and for one of the other family.
    package func contains(_ text: some StringProtocol) -> Bool {
        guard let other = Self.address(text), other.count == address.count else { return false }
        let whole = prefixBits / 8
        guard other[..<whole] == address[..<whole] else { return false }
        let rest = prefixBits % 8
        return rest == 0 || (other[whole] ^ address[whole]) >> UInt8(8 - rest) == 0
    }

    private static func address(_ text: some StringProtocol) -> [UInt8]? {
        text.utf8.contains(UInt8(ascii: ":")) ? version6(String(text)) : version4(text)
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard 1...3 ~= part.utf8.count, part.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let byte = UInt8(part),
                part.utf8.count == 1 || part.utf8.first != 0x30
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        var head: [UInt8] = []
        var tail: [UInt8] = []
        var groups = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard groups.count >= 3 else { return nil }
        // An empty group at an end belongs to a `::` there.
        if groups[0].isEmpty { guard groups[1].isEmpty else { return nil }; groups.removeFirst() }
        if groups[groups.count - 1].isEmpty {
            guard groups[groups.count - 2].isEmpty else { return nil }
            groups.removeLast()
        }
        var hasGap = false
        for (position, group) in groups.enumerated() {
            var bytes: [UInt8] = []
            if group.isEmpty {
                guard !hasGap else { return nil }
                hasGap = true
                continue
            } else if group.utf8.contains(UInt8(ascii: ".")), position == groups.count - 1 {
                guard let mapped = version4(group) else { return nil }
                bytes = mapped
            } else {
                guard group.utf8.count <= 4, group.utf8.allSatisfy({ hexDigit($0) != nil }),
                    let number = UInt16(group, radix: 16)
                else { return nil }
                bytes = [UInt8(number >> 8), UInt8(number & 0xff)]
            }
            if hasGap { tail += bytes } else { head += bytes }
        }
        let missing = 16 - head.count - tail.count
        guard hasGap ? missing >= 2 : missing == 0 else { return nil }
        return head + Array(repeating: 0, count: missing) + tail
    }
}
