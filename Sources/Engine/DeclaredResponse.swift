// DeclaredResponse.swift: `respond(status:, body:, headers:)` as an HTTP answer, checked.
//
// A script cannot break the connection: statuses, names and values that HTTP does not know are faults.

internal import Diagnostics
internal import Machine

struct DeclaredResponse {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// Fields that the connection writes itself.
    private static let ours: Set<String> = [
        "connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// - Throws: what is wrong with the response.
    init(_ response: Value, in arena: Arena) throws(Fault) {
        guard let parts = response.responseParts, (200...599).contains(parts.status) else {
            throw Fault(.invalidResponse, "`respond` takes a status from 200 to 599")
        }
        status = parts.status
        var headers: [(name: String, value: String)] = []
        for (name, value) in parts.headers.entries(in: arena) ?? [] {
            let lower = name.lowercased()
            guard let text = value.asString, Self.isName(lower), Self.isValue(text), !Self.ours.contains(lower) else {
                throw Fault(.invalidResponse, "`respond` cannot send the header `\(name)`")
            }
            headers.append((lower, text))
        }
        let hasType = headers.contains { $0.name == "content-type" }
        switch parts.body.kind {
        case .null, .missing: body = []
        case .string where hasType: body = parts.body.asString.map { Array($0.utf8) } ?? []
        case .bytes where hasType: body = parts.body.asBytes ?? []
        default:
            if !hasType { headers.append(("content-type", "application/json")) }
            body = try parts.body.json()
        }
        self.headers = headers
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
