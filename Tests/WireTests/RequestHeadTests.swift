// RequestHeadTests.swift: what is accepted, what is refused and with which status; however the bytes arrive.
import Testing

@testable import Wire

private func parse(_ text: String, limits: HeadLimits = .standard) throws(HTTPRejection) -> RequestHead? {
    var parser = RequestHeadParser(limits: limits)
    let bytes = Array(text.utf8)
    return try parser.parse(bytes.span)
}

private func status(_ text: String, limits: HeadLimits = .standard) -> Int? {
    do {
        return try parse(text, limits: limits) == nil ? nil : 200
    } catch {
        return error.status
    }
}

@Suite struct RequestHeadTests {
    @Test(arguments: [
        ("both lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (
            "both, other order",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400
        ),
        (
            "two lengths that differ", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            400
        ),
        ("two lengths alike", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", 400),
        ("a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n", 400),
        ("signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", 400),
        ("negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n", 400),
        ("hexadecimal length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\n", 400),
        ("empty length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400),
        ("length beyond bounds", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("space before colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("folded line", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ("folded first line", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
        ("bare LF after the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
        ("bare LF after a field", "GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
        ("bare LF at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400),
        ("bare CR in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
        ("NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
        ("NUL in a name", "GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n", 400),
        ("no name", "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400),
        ("no colon", "GET / HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n", 400),
        ("xchunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        ("gzip, chunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("chunked, identity", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 501),
        ("identity", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 501),
        ("vertical tab before chunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \u{0B}chunked\r\n\r\n", 400),
        (
            "chunked twice",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400
        ),
        ("chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
        ("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
        ("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("HTTP/3.7", "GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505),
        ("HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505),
        ("http/1.1", "GET / http/1.1\r\nHost: x\r\n\r\n", 400),
        ("HTTP/11", "GET / HTTP/11\r\nHost: x\r\n\r\n", 400),
        ("no version", "GET /\r\n\r\n", 400),
        ("two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("space at the end of the line", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
        ("a tab for a space", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("no slash", "GET index HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("a fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("a raw UTF-8 target", "GET /ä HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("user in the target's host", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("* for GET", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("CONNECT", "CONNECT /x HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("lower-case method", "get / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("TLS", "\u{16}\u{03}\u{01}\r\n", 400),
        ("unknown expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n", 417),
        ("two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ])
    func `what could be read in two ways is refused`(what: String, text: String, expected: Int) {
        #expect(status(text) == expected, "\(what)")
    }

    @Test func `a whole head is read`() throws {
        let text =
            "POST /v1/a%20b?x=1&y=a+b HTTP/1.1\r\nHost: shop:3000\r\nContent-Type:\tapplication/json \r\n"
            + "X-Multi: one\r\nx-multi: two\r\nContent-Length: 12\r\nEmpty:\r\n\r\n"
        let head = try #require(try parse(text + "not the head"))
        #expect(head.method == .post)
        #expect(head.path == "/v1/a%20b")
        #expect(head.query == "x=1&y=a+b")
        #expect(head.pathSegments == ["v1", "a b"])
        #expect(head.queryItems?.map(\.value) == ["1", "a b"])
        #expect(head.framing == .length(12))
        #expect(head.keepsAlive)
        #expect(!head.expectsContinue)
        #expect(head.byteCount == text.utf8.count)
        #expect(head.fields["content-type"] == "application/json")
        #expect(head.fields["CONTENT-TYPE"] == "application/json")
        #expect(head.fields.matches("Host", "shop:3000"))
        #expect(head.fields.values(of: "X-MULTI") == ["one", "two"])
        #expect(head.fields["empty"] == "")
        #expect(head.fields["absent"] == nil)
        #expect(head.fields.all.map(\.name).contains("x-multi"))
    }

    @Test(arguments: [
        ("HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true),
        ("close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false),
        ("a list with close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade , CLOSE\r\n\r\n", false),
        ("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", false),
        ("HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
    ])
    func `the head says whether the connection goes on`(what: String, text: String, keepsAlive: Bool) throws {
        #expect(try parse(text)?.keepsAlive == keepsAlive, "\(what)")
    }

    @Test(
        arguments: [
            ("/", "/", nil), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("http://h:80/p?q", "/p", "q"),
            ("http://h", "/", nil), ("HTTP://h?q", "/", "q"),
        ] as [(String, String, String?)])
    func `targets come in origin form and in absolute form`(target: String, path: String, query: String?) throws {
        let head = try #require(try parse("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(head.path == path)
        #expect(head.query == query)
    }

    @Test func `one empty line before a request and bytes from 0x80 on in a value are forgiven`() throws {
        let head = try #require(try parse("\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\nA: ä\r\n\r\n"))
        #expect(head.path == "*")
        #expect(head.fields["a"] == "ä")
    }

    @Test func `every prefix of a head asks for more, never for less`() throws {
        let text = "PUT /a?b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(try parse(String(text.utf8.prefix(count)) ?? "") == nil, "\(count) bytes")
        }
        let head = try #require(try parse(text))
        #expect(head.framing == .chunked)
        #expect(head.expectsContinue)
    }

    @Test func `sizes at their limits pass, one more is refused`() {
        let limits = HeadLimits(headBytesMax: 200, targetBytesMax: 20, fieldsMax: 3)
        func request(target: Int, fields: Int, padding: Int) -> String {
            "GET /\(String(repeating: "a", count: target - 1)) HTTP/1.1\r\nHost: x\r\n"
                + (1..<fields).map { "F\($0): \(String(repeating: "p", count: padding))\r\n" }.joined() + "\r\n"
        }
        #expect(status(request(target: 20, fields: 3, padding: 1), limits: limits) == 200)
        #expect(status(request(target: 21, fields: 3, padding: 1), limits: limits) == 414)
        #expect(status(request(target: 20, fields: 4, padding: 1), limits: limits) == 431)
        let fixed = request(target: 1, fields: 2, padding: 0).utf8.count
        #expect(status(request(target: 1, fields: 2, padding: 200 - fixed), limits: limits) == 200)
        #expect(status(request(target: 1, fields: 2, padding: 201 - fixed), limits: limits) == 431)
        #expect(status("GET /" + String(repeating: "a", count: 200), limits: limits) == 414)
        #expect(status("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 200), limits: limits) == 431)
    }

    @Test func `no mutation of a head crashes the parser`() {
        let text = Array("POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: a, close\r\n\r\n".utf8)
        var parser = RequestHeadParser(limits: .standard)
        for index in text.indices {
            for byte: UInt8 in [0, 9, 10, 13, 32, 35, 44, 58, 63, 127, 128, 255] {
                var mutated = text
                mutated[index] = byte
                _ = try? parser.parse(mutated.span)
                mutated.insert(byte, at: index)
                _ = try? parser.parse(mutated.span)
            }
            var shortened = text
            shortened.remove(at: index)
            _ = try? parser.parse(shortened.span)
        }
    }

    @Test func `the byte sets are what the standards list`() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let (token, host) = (ASCIISet("!#$%&'*+-.^_`|~" + letters), ASCIISet("-._~!$&'()*+;=%:[]" + letters))
        for byte in UInt8.min...UInt8.max {
            #expect(byte.isToken == token.contains(byte))
            #expect(UInt8.hostSet.contains(byte) == host.contains(byte))
        }
    }
}

@Suite struct ByteScanTests {
    @Test func `eight bytes at a time find the same ends as one by one`() {
        // Every byte at every place of two steps and a rest, among letters.
        for place in 0..<19 {
            for byte in UInt8.min...UInt8.max {
                var text = Array("content-TYPE09azAZx".utf8)
                text[place] = byte
                let token = text.firstIndex { !$0.isToken } ?? text.count
                let value = text.firstIndex { !$0.isFieldValue } ?? text.count
                #expect(text.span.endOfToken(from: 0) == token)
                #expect(text.span.endOfValue(from: 0) == value)
                #expect(text.span.endOfToken(from: min(3, place)) == token)
            }
        }
    }
}
