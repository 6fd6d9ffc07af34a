// ChunkedDecoderTests.swift: the chunked coding, whole, in pieces and broken.
import Testing

@testable import Wire

/// The decoded body and what was left over, fed `piece` bytes at a time; nil when it is not complete.
private func decode(
    _ text: String, piece: Int = .max, limit: Int = 1000
) throws(HTTPRejection) -> (body: String, rest: String)? {
    var decoder = ChunkedDecoder(bodyBytesMax: limit)
    let bytes = Array(text.utf8)
    var body: [UInt8] = []
    var start = 0
    while start < bytes.count {
        let part = Array(bytes[start..<min(bytes.count, start + min(piece, bytes.count))])
        var position = 0
        feeding: while true {
            switch try decoder.next(in: part.span, from: position) {
            case .data(let range):
                body += part[range]
                position = range.upperBound
            case .needMore: break feeding
            case .finished(let end):
                return (
                    String(decoding: body, as: UTF8.self), String(decoding: bytes[(start + end)...], as: UTF8.self)
                )
            }
        }
        start += part.count
    }
    return nil
}

@Suite struct ChunkedDecoderTests {
    @Test(arguments: [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("1\r\na\r\n00a\r\n0123456789\r\n0\r\n\r\n", "a0123456789"),
        ("3;a=b\r\nabc\r\n0;last\r\n\r\n", "abc"), ("3\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r"),
        ("1\r\nx\r\n0\r\nChecksum: 1\r\nB:\r\n\r\n", "x"), ("A\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
    ])
    func `bodies are decoded however they are cut`(text: String, body: String) throws {
        for piece in [1, 2, 3, 7, 1000] {
            let result = try #require(try decode(text + "GET", piece: piece))
            #expect(result.body == body)
            #expect(result.rest == "GET")
        }
    }

    @Test(arguments: [
        ("bare LF after the size", "5\nhello\r\n0\r\n\r\n", 400),
        ("bare LF after data", "5\r\nhello\n0\r\n\r\n", 400),
        ("data longer than the size", "4\r\nhello\r\n0\r\n\r\n", 400),
        ("no size", "\r\nhello", 400),
        ("a blank before the size", " 5\r\nhello\r\n0\r\n\r\n", 400),
        ("a blank after the size", "5 \r\nhello\r\n0\r\n\r\n", 400),
        ("a sign", "+5\r\nhello\r\n0\r\n\r\n", 400),
        ("0x", "0x5\r\nhello\r\n0\r\n\r\n", 400),
        ("a control byte in an extension", "5;a\u{01}\r\nhello\r\n0\r\n\r\n", 400),
        ("a bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n", 400),
        ("a trailer without a colon", "0\r\nabc\r\n\r\n", 400),
        ("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", 400),
        ("a bare LF at the end", "0\r\n\n", 400),
        ("a size beyond the limit", "3e9\r\n", 413),
        ("a size beyond all numbers", "ffffffffffffffffff\r\n", 413),
        ("sizes that add up beyond the limit", "1\r\na\r\n3e8\r\n", 413),
        ("endless extensions", "1;" + String(repeating: "a", count: 5000), 400),
        ("endless trailers", "0\r\n" + String(repeating: "a: b\r\n", count: 2000), 431),
    ])
    func `broken and oversized bodies are refused`(what: String, text: String, status: Int) {
        for piece in [1, 1000] {
            #expect(throws: HTTPRejection.self, "\(what)") { try decode(text, piece: piece) }
            do { _ = try decode(text, piece: piece) } catch { #expect(error.status == status, "\(what)") }
        }
    }
}
