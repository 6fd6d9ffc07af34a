// RequestHeadParser.swift: bytes → the head of a request, or the reason to refuse it.
//
// Stateless between calls: it is given all bytes of the head so far and starts again; a connection calls it only when a
// line was completed. One parser serves all connections of a loop.
// Source: RFC 9112, 3 and 6. Neighbours: FieldLines.swift, RequestHead.swift.

package struct RequestHeadParser: ~Copyable {
    private let limits: HeadLimits
    private var lines: FieldLines

    package init(limits: HeadLimits) {
        self.limits = limits
        lines = FieldLines(limits: limits)
    }

    /// Reads one head from the start of `bytes`.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: 400, 413, 414, 417, 431, 501 or 505; the connection is to be closed after the answer.
    package mutating func parse(_ bytes: Span<UInt8>) throws(HTTPRejection) -> RequestHead? {
        // One empty line before a request is forgiven: RFC 9112, 2.2.
        var start = 0
        if bytes.count > 0, bytes[0] == .carriageReturn {
            guard bytes.count > 1 else { return nil }
            guard bytes[1] == .lineFeed else { throw .bareCarriageReturn }
            start = 2
        }
        guard let line = try parseRequestLine(bytes, from: start) else {
            if bytes.count >= limits.headBytesMax { throw .targetTooLong }
            return nil
        }
        guard let end = try lines.parse(bytes, from: line.end) else {
            if bytes.count >= limits.headBytesMax { throw .headTooLarge }
            return nil
        }
        guard end <= limits.headBytesMax else { throw .headTooLarge }
        return try head(bytes, line: line, end: end)
    }

    private struct RequestLine {
        var method: HTTPMethod?
        var target: Range<Int>
        var minorVersion: UInt8
        var end: Int
    }

    private func parseRequestLine(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRejection) -> RequestLine? {
        var position = bytes.endOfToken(from: start)
        let method = start..<position
        guard position < bytes.count else {
            if method.count > 32 { throw HTTPRejection(501, "unknown method") }
            return nil
        }
        guard !method.isEmpty, bytes[position] == 0x20 else {
            throw HTTPRejection(400, "a request starts with a method and one space")
        }
        position += 1
        let targetStart = position
        while position < bytes.count, bytes[position].isVisible { position += 1 }
        guard position - targetStart <= limits.targetBytesMax else { throw .targetTooLong }
        guard position < bytes.count else { return nil }
        let target = targetStart..<position
        guard !target.isEmpty, bytes[position] == 0x20 else {
            throw HTTPRejection(400, "a request line is: method, space, target, space, HTTP/1.1")
        }
        guard let minorVersion = try parseVersion(bytes, from: position + 1) else { return nil }
        return RequestLine(
            method: known(method: method, in: bytes), target: target, minorVersion: minorVersion,
            end: position + 11)
    }

    /// `HTTP/1.x` CR LF, refused at the first byte that does not fit.
    private func parseVersion(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRejection) -> UInt8? {
        let available = min(bytes.count - start, 10)
        let expected: StaticString = "HTTP/1.1\r\n"
        for offset in 0..<max(available, 0) {
            let byte = bytes[start + offset]
            let fits =
                offset == 5 || offset == 7
                ? byte.isDigit : unsafe byte == expected.utf8Start[offset]
            guard fits else { throw HTTPRejection(400, "a request line ends in HTTP/1.1 and CR LF") }
        }
        guard available == 10 else { return nil }
        let minor = bytes[start + 7] - 0x30
        guard bytes[start + 5] == 0x31, minor <= 1 else { throw HTTPRejection(505, "only HTTP/1.1 and HTTP/1.0") }
        return minor
    }

    private func known(method: Range<Int>, in bytes: Span<UInt8>) -> HTTPMethod? {
        switch method.count {
        case 3: bytes.equals(method, "GET") ? .get : bytes.equals(method, "PUT") ? .put : nil
        case 4: bytes.equals(method, "POST") ? .post : bytes.equals(method, "HEAD") ? .head : nil
        case 5: bytes.equals(method, "PATCH") ? .patch : nil
        case 6: bytes.equals(method, "DELETE") ? .delete : nil
        case 7: bytes.equals(method, "OPTIONS") ? .options : nil
        default: nil
        }
    }

    private func head(_ bytes: Span<UInt8>, line: RequestLine, end: Int) throws(HTTPRejection) -> RequestHead {
        let isOld = line.minorVersion == 0
        guard lines.hostCount < 2 else { throw HTTPRejection(400, "more than one Host") }
        guard lines.hostCount == 1 || isOld else { throw HTTPRejection(400, "no Host") }
        guard !lines.isChunked || lines.contentLength == nil else {
            throw HTTPRejection(400, "both Content-Length and Transfer-Encoding")
        }
        guard !lines.isChunked || !isOld else { throw HTTPRejection(400, "Transfer-Encoding in HTTP/1.0") }
        guard let method = line.method else { throw HTTPRejection(501, "unknown method") }
        let (path, query) = try split(target: line.target, of: method, in: bytes)
        return RequestHead(
            method: method, fields: lines.fields(copying: bytes.extracting(0..<end)),
            framing: lines.isChunked ? .chunked : lines.contentLength.map { $0 == 0 ? .none : .length($0) } ?? .none,
            keepsAlive: !lines.asksToClose && (!isOld || lines.asksToKeepAlive),
            isHTTP10: isOld, expectsContinue: lines.expectsContinue && !isOld, byteCount: end,
            pathStart: UInt16(path.lowerBound), pathCount: UInt16(path.count),
            queryStart: UInt16(query?.lowerBound ?? 0), queryCount: UInt16(query?.count ?? 0))
    }

    /// origin-form, absolute-form with `http`, or `*` for OPTIONS (RFC 9112, 3.2).
    private func split(
        target: Range<Int>, of method: HTTPMethod, in bytes: Span<UInt8>
    ) throws(HTTPRejection) -> (path: Range<Int>, query: Range<Int>?) {
        var start = target.lowerBound
        if bytes[start] != 0x2F {
            if method == .options, target.count == 1, bytes[start] == 0x2A { return (target, nil) }
            guard target.count > 7, bytes.equals(start..<start + 7, lowercase: "http://") else {
                throw HTTPRejection(400, "a request target starts with a slash")
            }
            start += 7
            let authority = start
            while start < target.upperBound, UInt8.hostSet.contains(bytes[start]) { start += 1 }
            guard start > authority, start == target.upperBound || bytes[start] == 0x2F || bytes[start] == 0x3F
            else { throw HTTPRejection(400, "the request target's host is not a host") }
        }
        var end = start
        while end < target.upperBound, bytes[end] != 0x3F {
            guard bytes[end] != 0x23 else { throw .fragment }
            end += 1
        }
        guard end < target.upperBound else { return (start..<end, nil) }
        for index in end..<target.upperBound where bytes[index] == 0x23 { throw .fragment }
        return (start..<end, end + 1..<target.upperBound)
    }
}

extension HTTPRejection {
    static var targetTooLong: HTTPRejection { HTTPRejection(414, "the request target is too long") }
    static var fragment: HTTPRejection { HTTPRejection(400, "a request target has no fragment") }
}
