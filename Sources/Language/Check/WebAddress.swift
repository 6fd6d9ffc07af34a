// WebAddress.swift: an `http` or `https` URL, taken apart as far as a checker must know it.
//
// RFC 3986 section 3, without user, query of secrets or fragment. Neighbours: Checker+Authentication.swift.

struct WebAddress: Equatable {
    let isEncrypted: Bool
    /// With its port where it has one.
    let host: String
    /// From its `/` on, with a query where it has one; `/` when there is none.
    let path: String

    /// Nil when the text is none.
    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let behind = rest.dropFirst(authority.count)
        guard Self.isAuthority(authority), behind.isEmpty || Self.isPath(behind.dropFirst()) else { return nil }
        isEncrypted = scheme == "https://"
        host = String(authority)
        path = behind.hasPrefix("/") ? String(behind) : "/\(behind)"
    }

    var origin: String { (isEncrypted ? "https://" : "http://") + host }

    /// Reached without leaving the machine.
    var isOfThisMachine: Bool {
        ["localhost", "127.0.0.1", "[::1]"].contains { host == $0 || host.hasPrefix("\($0):") }
    }

    /// What may stand behind the first `/`.
    static func isPath(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") }
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        let letters = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-._:[]".utf8.contains(byte)
            }
        }
        return letters && !text.isEmpty && !text.hasPrefix(":") && !text.hasSuffix(":")
    }
}
