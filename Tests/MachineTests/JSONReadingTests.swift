import Testing

@testable import Machine

/// Cases of our own after the classes of the public JSON test suites.
struct JSONReadingTests {
    private func depth(_ count: Int) -> String {
        String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }

    @Test(arguments: [
        ("null", "null"), (" true ", "true"), ("false\n", "false"), ("0", "0"), ("-0", "0"), ("-1", "-1"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9.223372036854775808e18"), ("-9223372036854775809", "-9.223372036854775808e18"),
        ("1e2", "100.0"), ("1E+2", "100.0"), ("1.5e-3", "0.0015"), ("3.0", "3.0"), ("0.1", "0.1"),
        ("1e-999", "0.0"), ("-0.0", "-0.0"), ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"), ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"), ("0.30000000000000004", "0.30000000000000004"),
        ("\"\"", "\"\""), ("\"a\\u0041\"", "\"aA\""), ("\"\\ud83d\\ude00\"", "\"😀\""), ("\"é😀\"", "\"é😀\""),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""), ("\"\\u0000\"", "\"\\u0000\""),
        ("\"\\u007f\"", "\"\u{7f}\""), ("[]", "[]"), ("{}", "{}"), ("[ ]", "[]"), ("{ }", "{}"), ("[1 , 2]", "[1,2]"),
        ("{\"a\":1,\"b\":{\"c\":[null]}}", "{\"a\":1,\"b\":{\"c\":[null]}}"),
        ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"), ("{\"\":0}", "{\"\":0}"),
        ("{\"\\u0061\":1,\"a\":2}", "{\"a\":2}"), ("[[],{}]", "[[],{}]"), ("\t[\r\n1 ]", "[1]"),
    ])
    func `valid text is read`(text: String, normal: String) throws {
        let tree = try JSON.parse(text)
        #expect(tree == (try JSON.parse(normal)))
        #expect(
            String(decoding: tree.serialized(), as: UTF8.self)
                == String(decoding: try JSON.parse(normal).serialized(), as: UTF8.self))
    }

    @Test(
        arguments: [
            ("", .empty, 0), ("  ", .empty, 2), ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte(120), 3),
            ("nul", .unexpectedEnd, 3), ("True", .unexpectedByte(84), 0), ("nan", .unexpectedByte(97), 1),
            ("NaN", .unexpectedByte(78), 0), ("Infinity", .unexpectedByte(73), 0), ("-Infinity", .badNumber, 1),
            ("01", .leadingZero, 0), ("-01", .leadingZero, 1), ("[00]", .leadingZero, 1), ("1.", .unexpectedEnd, 2),
            (".5", .unexpectedByte(46), 0), ("1.e5", .badNumber, 2), ("1e", .unexpectedEnd, 2),
            ("[1e+]", .badNumber, 4),
            ("+1", .unexpectedByte(43), 0), ("0x1", .trailingText, 1), ("1 2", .trailingText, 2),
            ("--1", .badNumber, 1),
            ("1e999", .numberOutOfRange, 0), ("[-1e999]", .numberOutOfRange, 1),
            ("\"", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 2), ("\"\\", .unexpectedEnd, 2),
            ("\"\\x\"", .badEscape, 1),
            ("\"\\u12\"", .badEscape, 1), ("\"\\u12g4\"", .badEscape, 1), ("\"\\u12", .unexpectedEnd, 5),
            ("\"\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1),
            ("\"\\ud800\\u0041\"", .loneSurrogate, 1),
            ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("\"a\nb\"", .controlCharacter(10), 2),
            ("\"\t\"", .controlCharacter(9), 1),
            ("\"\u{0}\"", .controlCharacter(0), 1), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3),
            ("[1,]", .unexpectedByte(93), 3), ("[,1]", .unexpectedByte(44), 1), ("[1 2]", .commaExpected, 3),
            ("]", .unexpectedByte(93), 0), ("[}", .unexpectedByte(125), 1), ("[1}", .commaExpected, 2),
            ("{", .unexpectedEnd, 1),
            ("{\"a\"", .unexpectedEnd, 4), ("{\"a\":", .unexpectedEnd, 5), ("{\"a\":1", .unexpectedEnd, 6),
            ("{\"a\":1,}", .keyExpected, 7),
            ("{a:1}", .keyExpected, 1), ("{'a':1}", .keyExpected, 1), ("{1:1}", .keyExpected, 1),
            ("{\"a\" 1}", .colonExpected, 5),
            ("{\"a\":1 \"b\":2}", .commaExpected, 7), ("{\"a\":1]", .commaExpected, 6), ("[1]]", .trailingText, 3),
            ("/*c*/1", .unexpectedByte(47), 0),
            ("\u{feff}1", .byteOrderMark, 0), ("1\u{0}", .trailingText, 1), ("\u{a0}1", .unexpectedByte(0xc2), 0),
            ("[1,\u{c}2]", .unexpectedByte(12), 3),
        ] as [(String, JSONError.Reason, Int)])
    func `invalid text is refused, with the reason and the place`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason: reason, offset: offset)) { try JSON.parse(text) }
        // The same inside of what is only passed over.
        guard reason != .empty, reason != .trailingText, reason != .byteOrderMark else { return }
        #expect(throws: JSONError.self) { try JSON.parse("{\"x\":[" + text) }
    }

    @Test(
        arguments: [
            ([0x22, 0xff, 0x22], 1), ([0x22, 0xc3, 0x22], 1), ([0x22, 0xc0, 0x80, 0x22], 1),
            ([0x22, 0xed, 0xa0, 0x80, 0x22], 1),
            ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1), ([0x5b, 0x22, 0x61, 0x80, 0x22, 0x5d], 3),
            ([0x22, 0xe2, 0x82], 1),
        ] as [([UInt8], Int)])
    func `text that is not UTF-8 is refused`(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONError(reason: .invalidUTF8, offset: offset)) { try JSON.parse(bytes) }
    }

    @Test func `nesting ends at 128`() throws {
        #expect(throws: Never.self) { try JSON.parse(depth(128)) }
        #expect(throws: JSONError(reason: .tooDeep(128), offset: 128)) { try JSON.parse(depth(129)) }
        #expect(throws: JSONError(reason: .tooDeep(128), offset: 128)) {
            try JSON.parse(String(repeating: "[", count: 100_000))
        }
        #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "{\"a\":", count: 200)) }
    }

    @Test func `what is not looked into is passed on as it came`() throws {
        let text = #"{ "a" : 123456789012345678901234567890.000, "b":[1.10 , 2e5],"a":1 }"#
        let owned = OwnedArena()
        let value = try owned.arena.json(text)
        #expect(String(decoding: try value.json(), as: UTF8.self) == text)
        // Looking inside changes nothing.
        #expect(value.field("b", in: owned.arena).items(in: owned.arena)?.count == 2)
        #expect(value.field("a", in: owned.arena).asInt == 1)
        #expect(String(decoding: try value.json(), as: UTF8.self) == text)
        #expect(String(decoding: try value.field("b", in: owned.arena).json(), as: UTF8.self) == "[1.10 , 2e5]")
        withExtendedLifetime(owned) {}
    }

    @Test func `ten thousand keys, all of them double, take linear time`() throws {
        var text = "{"
        for round in 0..<2 {
            for key in 0..<10_000 { text += "\"key\(key)\":\(key + round * 10_000)," }
        }
        text += "\"last\":true}"
        let start = ContinuousClock.now
        let owned = OwnedArena()
        let value = try owned.arena.json(text)
        let entries = try #require(value.entries(in: owned.arena))
        #expect(entries.count == 10_001)
        #expect(entries[17].key == "key17")
        #expect(entries[17].value.asInt == 10_017)
        #expect(ContinuousClock.now - start < .seconds(2))
        withExtendedLifetime(owned) {}
    }

    @Test func `bytes that stay where they are may be read in place`() throws {
        let owned = OwnedArena()
        let text = Array(#"{"a":"in place"}"#.utf8)
        let padded = text + Array(repeating: 0, count: 16)
        try padded.withUnsafeBytes { buffer in
            let value = try owned.arena.json(UnsafeRawBufferPointer(rebasing: buffer[..<text.count]), copy: false)
            #expect(value.field("a", in: owned.arena).asString == "in place")
            #expect(owned.arena.usedBytes < 400)
        }
        let unpadded = text + Array(#"}"x":1}}}}}}}}}}"#.utf8)
        try unpadded.withUnsafeBytes { buffer in
            let value = try owned.arena.json(UnsafeRawBufferPointer(rebasing: buffer[..<text.count]), copy: false)
            #expect(value.field("a", in: owned.arena).asString == "in place")
        }
        withExtendedLifetime(owned) {}
    }
}
