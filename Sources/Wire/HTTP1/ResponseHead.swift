// ResponseHead.swift: the head of one HTTP/1.1 reply, and the parser that makes it from bytes.
//
// Source: RFC 9112, 4 and 6.3. Neighbours: FieldLines.swift, which is as strict here as with requests.

package struct ResponseHead: Sendable {
    package let status: Int
    package let fields: HeaderFields
    package let framing: BodyFraming
    /// Whether the connection may carry another request after this reply.
    package let keepsAlive: Bool
    /// The bytes that the head took, its empty line included.
    package let byteCount: Int

    /// Whether this is an interim reply, to be skipped (100, 103).
    package var isInterim: Bool { status < 200 }
}

package struct ResponseHeadParser: ~Copyable {
    private let limits: HeadLimits
    private var lines: FieldLines

    package init(limits: HeadLimits) {
        self.limits = limits
        lines = FieldLines(limits: limits)
    }

    /// Reads one head from the start of `bytes`.
    /// - Parameter method: what was asked; replies to HEAD have no body.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: what is wrong; the rejection's status means nothing here.
    package mutating func parse(
        _ bytes: Span<UInt8>, answering method: HTTPMethod
    ) throws(HTTPRejection) -> ResponseHead? {
        guard let line = try parseStatusLine(bytes) else {
            if bytes.count >= limits.headBytesMax { throw .headTooLarge }
            return nil
        }
        guard let end = try lines.parse(bytes, from: line.end) else {
            if bytes.count >= limits.headBytesMax { throw .headTooLarge }
            return nil
        }
        guard end <= limits.headBytesMax else { throw .headTooLarge }
        let framing = try framing(status: line.status, answering: method, isOld: line.isOld)
        return ResponseHead(
            status: line.status, fields: lines.fields(copying: bytes.extracting(0..<end)), framing: framing,
            keepsAlive: !lines.asksToClose && framing != .untilClose && (!line.isOld || lines.asksToKeepAlive),
            byteCount: end)
    }

    private func framing(
        status: Int, answering method: HTTPMethod, isOld: Bool
    ) throws(HTTPRejection) -> BodyFraming {
        guard !lines.isChunked || (lines.contentLength == nil && !isOld) else {
            throw HTTPRejection(400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0")
        }
        if method == .head || status < 200 || status == 204 || status == 304 { return .none }
        if lines.isChunked { return .chunked }
        guard let length = lines.contentLength else { return .untilClose }
        return length == 0 ? .none : .length(length)
    }

    /// `HTTP/1.x` space, three digits, then CR LF or a space and a phrase.
    private func parseStatusLine(
        _ bytes: Span<UInt8>
    ) throws(HTTPRejection) -> (status: Int, isOld: Bool, end: Int)? {
        let expected: StaticString = "HTTP/1.1 200"
        for offset in 0..<min(bytes.count, 12) {
            let byte = bytes[offset]
            let fits = offset == 7 || offset > 8 ? byte.isDigit : unsafe byte == expected.utf8Start[offset]
            guard fits else { throw HTTPRejection(400, "a reply starts with HTTP/1.1 and a status") }
        }
        guard bytes.count > 12 else { return nil }
        guard bytes[7] <= 0x31 else { throw HTTPRejection(505, "only HTTP/1.1 and HTTP/1.0") }
        let status = Int(bytes[9] - 0x30) * 100 + Int(bytes[10] - 0x30) * 10 + Int(bytes[11] - 0x30)
        guard status >= 100, status < 600 else { throw HTTPRejection(400, "status \(status) is not one") }
        var position = 12
        if bytes[position] == 0x20 {
            while position < bytes.count, bytes[position].isFieldValue { position += 1 }
        }
        guard position + 1 < bytes.count else {
            if position < bytes.count, bytes[position] != .carriageReturn { throw .statusLineEnd }
            return nil
        }
        guard bytes[position] == .carriageReturn, bytes[position + 1] == .lineFeed else { throw .statusLineEnd }
        return (status, bytes[7] == 0x30, position + 2)
    }
}

extension HTTPRejection {
    static var statusLineEnd: HTTPRejection { HTTPRejection(400, "a status line ends in CR LF") }
}
