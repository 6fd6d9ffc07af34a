// ResponseHeadTests.swift: replies as a client reads them, and heads as they are written.
import Testing

@testable import Wire

private func parse(_ text: String, answering method: HTTPMethod = .get) throws(HTTPRejection) -> ResponseHead? {
    var parser = ResponseHeadParser(limits: .standard)
    let bytes = Array(text.utf8)
    return try parser.parse(bytes.span, answering: method)
}

@Suite struct ResponseHeadTests {
    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .get, 200, .length(2), true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .head, 200, .none, true),
            ("HTTP/1.1 204 No Content\r\n\r\n", .post, 204, .none, true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", .get, 304, .none, true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .get, 200, .chunked, true),
            ("HTTP/1.1 200 OK\r\n\r\n", .get, 200, .untilClose, false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", .get, 200, .length(2), false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n", .get, 200, .length(2), true),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", .get, 200, .none, false),
            ("HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", .get, 500, .none, true),
            ("HTTP/1.1 100 Continue\r\n\r\n", .post, 100, .none, true),
        ] as [(String, HTTPMethod, Int, BodyFraming, Bool)])
    func `a reply's head says how its body ends`(
        text: String, method: HTTPMethod, status: Int, framing: BodyFraming, keepsAlive: Bool
    ) throws {
        for count in 0..<text.utf8.count {
            #expect(try parse(String(text.utf8.prefix(count)) ?? "", answering: method) == nil)
        }
        let head = try #require(try parse(text, answering: method))
        #expect(head.status == status)
        #expect(head.framing == framing)
        #expect(head.keepsAlive == keepsAlive)
        #expect(head.isInterim == (status == 100))
        #expect(head.byteCount == text.utf8.count)
    }

    @Test(arguments: [
        "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 999 X\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
    ])
    func `a reply that could be read in two ways is refused`(text: String) {
        #expect(throws: HTTPRejection.self) { try parse(text) }
    }

    @Test func `what is written is read back`() throws {
        var buffer = WriteBuffer(capacity: 8)
        buffer.appendResponseHead(
            status: 404, date: HTTPDate.bytes(secondsSince1970: 784_111_777), fields: [("A", "b")], bodyBytes: 12345,
            persistence: .ends)
        let text = buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            text == "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nA: b\r\nContent-Length: 12345\r\n"
                + "Connection: close\r\n\r\n")
        #expect(try parse(text)?.framing == .length(12345))
    }

    @Test func `a request is written with its framing, and a get without`() {
        var buffer = WriteBuffer(capacity: 8)
        buffer.appendRequestHead(method: .post, target: "/a", host: "h:1", fields: [("A", "b")], bodyBytes: 0)
        buffer.appendRequestHead(method: .get, target: "/", host: "h", fields: [], bodyBytes: 0)
        let text = buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            text
                == "POST /a HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("A", "b", true), ("A", "", true), ("", "b", false), ("A b", "c", false), ("A", "b\r\nC: d", false),
        ("A", "b\0", false), ("Content-Length", "3", false), ("transfer-encoding", "chunked", false),
        ("Connection", "close", false), ("A", "ä\t", true),
    ])
    func `fields that would change the framing are not written`(name: String, value: String, isWritable: Bool) {
        #expect(HeadWriting.areWritable([(name, value)]) == isWritable)
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `dates follow the calendar`(seconds: Int64, text: String) {
        #expect(String(decoding: HTTPDate.bytes(secondsSince1970: seconds), as: UTF8.self) == text)
    }

    @Test(arguments: [0, 9, 10, 99, 100, 12345, Int.max])
    func `numbers are written in decimal`(number: Int) {
        var buffer = WriteBuffer(capacity: 1)
        buffer.append(decimal: number)
        #expect(buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "\(number)")
    }
}

@Suite struct MessageBodyTests {
    @Test func `64 zero bytes follow the body, whatever filled it`() {
        var body = MessageBody()
        for size in [1, 5, 70, 1000, 3] {
            Array(repeating: UInt8(0xFF), count: size).withUnsafeBytes { bytes in body.append(bytes) }
            body.withUnsafeBytes { bytes in
                for offset in 0..<64 {
                    #expect(bytes.baseAddress!.load(fromByteOffset: bytes.count + offset, as: UInt8.self) == 0)
                }
            }
        }
        #expect(body.count == 1079)
        #expect(body.bytes == Array(repeating: 0xFF, count: 1079))
    }

    @Test func `a copy keeps its bytes when the first is filled on`() {
        var body = MessageBody("abc".utf8)
        let copy = body
        Array("def".utf8).withUnsafeBytes { bytes in body.append(bytes) }
        #expect(copy.text == "abc")
        #expect(body.text == "abcdef")
    }

    @Test func `the owner alone keeps the bytes where they are`() {
        var body: MessageBody? = MessageBody("hello".utf8)
        let owner = body?.owner
        let address = body?.withUnsafeBytes { bytes in UInt(bitPattern: bytes.baseAddress) } ?? 0
        body = nil
        #expect(owner != nil)
        #expect(UnsafePointer<UInt8>(bitPattern: address)?.pointee == UInt8(ascii: "h"))
    }
}

@Suite struct PercentCodingTests {
    @Test(arguments: [
        ("abc", "abc"), ("a b", "a%20b"), ("ä/?", "%C3%A4%2F%3F"), ("~-._", "~-._"), ("", ""), ("100%", "100%25"),
    ])
    func `text is encoded and decoded`(text: String, encoded: String) {
        #expect(PercentCoding.encode(text) == encoded)
        #expect(PercentCoding.decode(encoded) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "%ff", "%C3"])
    func `broken encodings are refused`(text: String) { #expect(PercentCoding.decode(text) == nil) }

    @Test func `an encoded slash stays within its segment`() {
        #expect(PercentCoding.segments(ofPath: "/a%2Fb/c/") == ["a/b", "c", ""])
        #expect(PercentCoding.segments(ofPath: "/") == [""])
    }
}
