// RequestHead.swift: the head of one HTTP/1.1 request, checked and owned.
//
// Neighbours: RequestHeadParser.swift (makes it from bytes), HeaderFields.swift, PercentCoding.swift.

/// How a message's body is delimited (RFC 9112, 6).
package enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
    /// Until the connection closes; replies only.
    case untilClose
}

package struct RequestHead: Sendable {
    package let method: HTTPMethod
    package let fields: HeaderFields
    package let framing: BodyFraming
    /// Whether the connection may carry another request after this one.
    package let keepsAlive: Bool
    /// Whether the sender speaks HTTP/1.0, and must be told when the connection stays open.
    package let isHTTP10: Bool
    /// Whether the sender waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// The bytes that the head took, its empty line included.
    package let byteCount: Int
    let pathStart: UInt16
    let pathCount: UInt16
    let queryStart: UInt16
    let queryCount: UInt16

    /// The path as sent, percent-encoding kept: `/v1/widgets/a%20b`. `*` for `OPTIONS *`.
    package var path: String { pathCount == 0 ? "/" : fields.text(at: pathStart, count: pathCount) }

    /// What follows the first `?`, as sent; nil without a `?`.
    package var query: String? { queryStart == 0 ? nil : fields.text(at: queryStart, count: queryCount) }

    /// The decoded segments of the path: `["v1", "widgets", "a b"]`. Nil when the encoding is broken.
    package var pathSegments: [String]? { PercentCoding.segments(ofPath: path) }

    /// The decoded query, in order: `a=1&b` is `("a", "1"), ("b", "")`. Nil when the encoding is broken.
    package var queryItems: [(name: String, value: String)]? {
        query.map(PercentCoding.items(ofQuery:)) ?? []
    }
}
