// HostLookup.swift: addresses for the host names of a target, off the loop.
//
// libpq would look names up inside of PQconnectPoll and block the loop for as long as the name server takes.
// Neighbours: ConnectionTarget (names), BlockingCall (the thread), Connection (asks before each attempt).

internal import Glibc
internal import Machine

/// One place to try: libpq gets the name for TLS and the address to connect to.
struct HostAddress: Sendable, Equatable {
    let host: String
    /// Numeric; nil for a socket folder.
    let address: String?
    let port: String
}

extension ConnectionTarget {
    /// The places in order, a name not yet looked up having no address.
    var places: [HostAddress] {
        let hosts = Self.list(self["host"])
        let given = Self.list(self["hostaddr"])
        let ports = Self.list(self["port"])
        return (0..<max(hosts.count, given.count)).map { index in
            let host = index < hosts.count ? hosts[index] : ""
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            let address = index < given.count && !given[index].isEmpty ? given[index] : Self.numeric(host)
            return HostAddress(host: host, address: address, port: port.isEmpty ? "5432" : port)
        }
    }

    /// Whether somebody has to ask a name server before connecting.
    var needsLookup: Bool { places.contains { $0.needsLookup } }

    private static func numeric(_ host: String) -> String? {
        var room = in6_addr()
        let isNumeric = unsafe inet_pton(AF_INET, host, &room) == 1 || inet_pton(AF_INET6, host, &room) == 1
        return isNumeric ? host : nil
    }

    /// Blocks until every name is looked up. A name without an address is left out; none left is an error.
    static func lookUpBlocking(_ places: [HostAddress]) -> Result<[HostAddress], PostgresFailure> {
        var found: [HostAddress] = []
        var reason = ""
        for place in places {
            guard place.needsLookup else {
                found.append(place)
                continue
            }
            switch addresses(of: place.host) {
            case .success(let addresses):
                found += addresses.map { HostAddress(host: place.host, address: $0, port: place.port) }
            case .failure(let problem): reason = problem.text
            }
        }
        guard found.isEmpty else { return .success(found) }
        return .failure(
            PostgresFailure(.unavailable, "cannot look up the database's host: \(reason)", mayHaveRun: false))
    }

    private struct LookupProblem: Error { let text: String }

    private static func addresses(of host: String) -> Result<[String], LookupProblem> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            let text = unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
            return .failure(LookupProblem(text: "`\(host)`: \(text)"))
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [String] = []
        var next = unsafe list
        // SAFETY: the list is freed only when this function returns.
        while let entry = unsafe next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let room = socklen_t(text.count)
            let named = unsafe getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, room, nil, 0, NI_NUMERICHOST)
            if named == 0, let end = text.firstIndex(of: 0) {
                let address = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(address) { found.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        return found.isEmpty ? .failure(LookupProblem(text: "`\(host)` has no address")) : .success(found)
    }
}

extension HostAddress {
    /// Paths and `@abstract` names are sockets of this machine.
    var needsLookup: Bool { address == nil && !host.isEmpty && !host.hasPrefix("/") && !host.hasPrefix("@") }
}
