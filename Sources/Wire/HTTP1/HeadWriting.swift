// HeadWriting.swift: the heads of replies and requests → bytes.
//
// Framing fields are written here and only here, so that what a program sets can neither contradict them nor end the
// head early: names and values are checked before the first byte is written.
// Neighbours: WriteBuffer.swift.

package enum HeadWriting {
    /// What a reply says about the connection.
    package enum Persistence: Sendable {
        /// HTTP/1.1's default; nothing is said.
        case implied
        /// `Connection: keep-alive`, for HTTP/1.0.
        case announced
        case ends
    }

    /// Whether the fields can be written without harm: names are tokens, values hold no control bytes, and none is
    /// a framing field.
    package static func areWritable(_ fields: [(name: String, value: String)]) -> Bool {
        for (name, value) in fields {
            let (nameBytes, valueBytes) = (name.utf8Span.span, value.utf8Span.span)
            guard nameBytes.count > 0, nameBytes.endOfToken(from: 0) == nameBytes.count,
                valueBytes.endOfValue(from: 0) == valueBytes.count, !isFraming(nameBytes)
            else { return false }
        }
        return true
    }

    /// Whether the text can stand as a request target.
    package static func isWritable(target: String) -> Bool {
        target.utf8.first == 0x2F && target.utf8.allSatisfy { $0.isVisible && $0 != 0x23 }
    }

    /// Whether the text can stand in a Host field.
    package static func isWritable(host: String) -> Bool {
        !host.isEmpty && host.utf8.allSatisfy(UInt8.hostSet.contains)
    }

    private static func isFraming(_ name: Span<UInt8>) -> Bool {
        let whole = 0..<name.count
        return switch name.count {
        case 4: name.equals(whole, lowercase: "host")
        case 10: name.equals(whole, lowercase: "connection")
        case 14: name.equals(whole, lowercase: "content-length")
        case 17: name.equals(whole, lowercase: "transfer-encoding")
        default: false
        }
    }
}

extension WriteBuffer {
    /// A reply's head. The fields were checked by `HeadWriting.areWritable`.
    /// - Parameter bodyBytes: the Content-Length; nil for replies that have none (1xx, 204, 304).
    package mutating func appendResponseHead(
        status: Int, date: [UInt8], fields: [(name: String, value: String)], bodyBytes: Int?,
        persistence: HeadWriting.Persistence
    ) {
        if status == 200 {
            append("HTTP/1.1 200 OK\r\nDate: ")
        } else {
            append("HTTP/1.1 ")
            append(decimal: status)
            append(byte: 0x20)
            append(reasonPhrase(status))
            append("\r\nDate: ")
        }
        append(date)
        append("\r\n")
        append(fields: fields)
        if let bodyBytes {
            append("Content-Length: ")
            append(decimal: bodyBytes)
            append("\r\n")
        }
        switch persistence {
        case .implied: append("\r\n")
        case .announced: append("Connection: keep-alive\r\n\r\n")
        case .ends: append("Connection: close\r\n\r\n")
        }
    }

    /// A request's head. The target and fields were checked by `HeadWriting`.
    package mutating func appendRequestHead(
        method: HTTPMethod, target: String, host: String, fields: [(name: String, value: String)], bodyBytes: Int
    ) {
        append(method.rawValue)
        append(byte: 0x20)
        append(target)
        append(" HTTP/1.1\r\nHost: ")
        append(host)
        append("\r\n")
        append(fields: fields)
        // A method that usually has a body says so even when it is empty: RFC 9110, 8.6.
        if bodyBytes > 0 || method == .post || method == .put || method == .patch {
            append("Content-Length: ")
            append(decimal: bodyBytes)
            append("\r\n")
        }
        append("\r\n")
    }

    private mutating func append(fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            append(name)
            append(": ")
            append(value)
            append("\r\n")
        }
    }
}

/// The phrase that RFC 9110 gives a status; a plain word for others.
package func reasonPhrase(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
}
