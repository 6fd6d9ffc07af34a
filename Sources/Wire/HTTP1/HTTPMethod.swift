// HTTPMethod.swift: the request methods that Patchbay understands. Any other is answered 501.

package enum HTTPMethod: String, CaseIterable, Hashable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    case options = "OPTIONS"

    /// Whether doing it twice is the same as doing it once (RFC 9110, 9.2.2), so that it may be sent again unasked.
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        case .post, .patch: false
        }
    }
}
