// ConnectionTarget.swift: where a database is and who asks, from a secret's parts or from a libpq URL.
//
// Kept as libpq's own keywords and values and handed over as such, so nothing needs quoting. The password never
// appears in `description` or in an error. Neighbours: HostLookup (names to addresses), Connection.

internal import CPostgres
internal import Glibc

/// How to reach one database.
package struct ConnectionTarget: Sendable, Equatable, CustomStringConvertible {
    struct Parameter: Sendable, Equatable {
        let keyword: String
        var value: String
    }

    /// In libpq's words, each keyword once, no empty values.
    private(set) var parameters: [Parameter]

    private init(parameters: [Parameter]) { self.parameters = parameters }

    /// From a libpq URL (`postgresql://…`) or conninfo (`host=… user=…`).
    package init(conninfo: String) throws(ConnectionTargetError) {
        guard !conninfo.utf8.contains(0) else { throw .malformed(reason: "it holds a NUL character") }
        var reason: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(conninfo, &reason) else {
            let text = unsafe reason.map { unsafe String(cString: $0) } ?? "out of memory"
            unsafe PQfreemem(reason)
            throw .malformed(reason: Self.withoutSecret(text, in: conninfo))
        }
        defer { unsafe PQconninfoFree(options) }
        var parameters: [Parameter] = []
        var option = unsafe options
        // SAFETY: libpq ends the array with an entry whose keyword is null.
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val, unsafe value.pointee != 0 {
                unsafe parameters.append(
                    Parameter(keyword: String(cString: keyword), value: String(cString: value)))
            }
            unsafe option += 1
        }
        self.init(parameters: parameters)
        if self["host"] == nil, self["hostaddr"] == nil { self["host"] = "/var/run/postgresql" }
        try checkPorts()
    }

    /// From the entries of a secret: `url`, or `host port username password database`; `user` and `dbname` are
    /// taken as well, and libpq's TLS keywords (`sslmode` …). What else a secret holds is not ours and is ignored.
    package init(secret entries: [String: String]) throws(ConnectionTargetError) {
        if let url = entries["url"] ?? entries["connectionString"] ?? Self.onlyURL(of: entries) {
            try self.init(conninfo: url)
            return
        }
        guard let host = entries["host"], !host.isEmpty else {
            throw .partMissing("host", present: entries.keys.sorted())
        }
        guard let user = entries["username"] ?? entries["user"], !user.isEmpty else {
            throw .partMissing("username", present: entries.keys.sorted())
        }
        self.init(parameters: [])
        self["host"] = host
        self["port"] = entries["port"] ?? "5432"
        self["user"] = user
        self["password"] = entries["password"]
        self["dbname"] = entries["database"] ?? entries["dbname"] ?? user
        for keyword in Self.passedOn { self[keyword] = entries[keyword] }
        guard !parameters.contains(where: { $0.value.utf8.contains(0) }) else {
            throw .malformed(reason: "a part holds a NUL character")
        }
        try checkPorts()
    }

    private static let passedOn = [
        "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "target_session_attrs", "channel_binding",
        "application_name", "options",
    ]

    /// A secret store with one value per name gives `{ name: value }`.
    private static func onlyURL(of entries: [String: String]) -> String? {
        guard entries.count == 1, let value = entries.first?.value else { return nil }
        return value.hasPrefix("postgres://") || value.hasPrefix("postgresql://") ? value : nil
    }

    /// libpq quotes the text that it could not read, and the password may be in it.
    private static func withoutSecret(_ reason: String, in conninfo: String) -> String {
        let line = reason.split(separator: "\n").first.map(String.init) ?? reason
        guard let quote = line.firstIndex(of: "\"") else { return line }
        let head = line[..<quote]
        return head.hasSuffix(" ") ? String(head.dropLast()) : String(head)
    }

    subscript(keyword: String) -> String? {
        get { parameters.first { $0.keyword == keyword }?.value }
        set {
            parameters.removeAll { $0.keyword == keyword }
            if let newValue, !newValue.isEmpty {
                parameters.append(Parameter(keyword: keyword, value: newValue))
            }
        }
    }

    private func checkPorts() throws(ConnectionTargetError) {
        for port in Self.list(self["port"]) where !port.isEmpty {
            guard let number = Int(port), (1...65_535).contains(number) else { throw .portInvalid(port) }
        }
    }

    static func list(_ text: String?) -> [String] {
        text.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }

    /// For people and logs: `patchbay@db.example:5432/inventory`, never with the password.
    package var description: String {
        let hosts = (self["host"] ?? self["hostaddr"] ?? "").split(separator: ",")
        let ports = Self.list(self["port"])
        let places = hosts.enumerated().map { index, host in
            let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : "5432"
            return host.hasPrefix("/") ? "\(host)" : "\(host):\(port)"
        }
        let user = self["user"].map { $0 + "@" } ?? ""
        let database = (self["dbname"] ?? self["user"]).map { "/" + $0 } ?? ""
        return user + places.joined(separator: ",") + database
    }
}

/// A target that cannot be made sense of.
package enum ConnectionTargetError: Error, Sendable, Equatable {
    case partMissing(String, present: [String])
    case portInvalid(String)
    case malformed(reason: String)

    /// One line, without secrets.
    package var message: String {
        switch self {
        case .partMissing(let part, let present):
            let found = present.isEmpty ? "it is empty" : "it has \(present.map { "`\($0)`" }.joined(separator: ", "))"
            return "the secret has no `\(part)`: \(found); give `host port username password database`, or one `url`"
        case .portInvalid(let port): return "`\(port)` is not a port: a number from 1 to 65535 is expected"
        case .malformed(let reason): return "the connection text cannot be read: \(reason)"
        }
    }
}

extension ConnectionTarget {
    /// What libpq is given to connect: this target with addresses for its host names, and the session settings that
    /// RowDecoder relies on.
    func connectParameters(addresses: [HostAddress]) -> [Parameter] {
        var whole = self
        if !addresses.isEmpty {
            whole.setList("host", addresses.map(\.host))
            whole.setList("hostaddr", addresses.map { $0.address ?? "" })
            whole.setList("port", addresses.map(\.port))
        }
        whole["client_encoding"] = "UTF8"
        if whole["application_name"] == nil { whole["application_name"] = "patchbay" }
        // Looking for Kerberos tickets reads files on every connect; who wants it says so.
        if whole["gssencmode"] == nil { whole["gssencmode"] = "disable" }
        // A silent peer is found within half a minute.
        for (keyword, value) in [("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "4")]
        where whole[keyword] == nil { whole[keyword] = value }
        let settings = Self.sessionSettings.map { "-c \($0)=\($1)" }.joined(separator: " ")
        whole["options"] = whole["options"].map { "\($0) \(settings)" } ?? settings
        return whole.parameters
    }

    /// libpq takes lists whose items may be empty; the subscript does not.
    private mutating func setList(_ keyword: String, _ items: [String]) {
        parameters.removeAll { $0.keyword == keyword }
        parameters.append(Parameter(keyword: keyword, value: items.joined(separator: ",")))
    }

    /// Text forms that RowDecoder reads. The server looks every half second whether we are still there, so a
    /// dropped connection does not leave its statement running.
    private static let sessionSettings = [
        ("TimeZone", "UTC"), ("DateStyle", "ISO"), ("IntervalStyle", "iso_8601"), ("bytea_output", "hex"),
        ("extra_float_digits", "1"), ("standard_conforming_strings", "on"),
        ("client_connection_check_interval", "500"),
    ]
}
