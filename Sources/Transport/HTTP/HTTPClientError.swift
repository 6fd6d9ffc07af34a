// HTTPClientError.swift: why a request got no reply, with what a caller needs to decide whether to try again.

package enum HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing was sent: the host's name is not known.
    case nameNotFound(HTTPOrigin, reason: String)
    /// Nothing was sent: no connection.
    case connectFailed(HTTPOrigin, reason: SystemReason)
    /// Nothing was sent: every connection is busy and the queue for them is full.
    case poolExhausted(HTTPOrigin, waitersMax: Int)
    /// Nothing was sent: the request itself is not HTTP.
    case requestInvalid(String)
    /// Nothing was sent: the client was closed.
    case clientClosed
    /// The deadline passed. With `isSent` the other side may have acted on the request.
    case deadlineExceeded(HTTPOrigin, isSent: Bool)
    /// The connection ended before the reply began; the other side may have acted on the request.
    case closedBeforeReply(HTTPOrigin)
    /// The connection ended in the middle of the reply.
    case closedDuringReply(HTTPOrigin)
    case replyTooLarge(HTTPOrigin, limitBytes: Int)
    case replyInvalid(HTTPOrigin, String)

    /// Whether the other side cannot have seen the request, so that sending it again is safe.
    package var isUnsent: Bool {
        switch self {
        case .nameNotFound, .connectFailed, .poolExhausted, .requestInvalid, .clientClosed: true
        case .deadlineExceeded(_, let isSent): !isSent
        case .closedBeforeReply, .closedDuringReply, .replyTooLarge, .replyInvalid: false
        }
    }

    package var description: String {
        switch self {
        case .nameNotFound(let origin, let reason): "cannot find the host `\(origin.host)`: \(reason)"
        case .connectFailed(let origin, let reason): "cannot connect to \(origin): \(reason)"
        case .poolExhausted(let origin, let waitersMax):
            "all connections to \(origin) are busy and \(waitersMax) requests wait already"
        case .requestInvalid(let reason): "invalid request: \(reason)"
        case .clientClosed: "the client was closed"
        case .deadlineExceeded(let origin, true): "\(origin) did not answer in time"
        case .deadlineExceeded(let origin, false): "no connection to \(origin) came free in time"
        case .closedBeforeReply(let origin): "\(origin) closed the connection without a reply"
        case .closedDuringReply(let origin): "\(origin) closed the connection in the middle of its reply"
        case .replyTooLarge(let origin, let limit): "the reply of \(origin) is larger than \(limit) bytes"
        case .replyInvalid(let origin, let reason): "the reply of \(origin) is not valid HTTP/1.1: \(reason)"
        }
    }
}
