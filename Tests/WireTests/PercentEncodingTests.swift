// PercentEncodingTests.swift: text ⇄ target, by table.

import Testing

@testable import Wire

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("abc-._~09", "abc-._~09"), ("a/b c", "a%2Fb%20c"), ("50%", "50%25"), ("Ä", "%C3%84"), ("", ""),
        (".", "%2E"), ("..", "%2E%2E"), ("a..b", "a..b"), ("?#&=+", "%3F%23%26%3D%2B"), ("\u{0}\n", "%00%0A"),
    ])
    func `a segment is escaped, and comes back`(text: String, encoded: String) {
        #expect(PercentEncoding.segment(text) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test(arguments: [
        ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%41", "aA"), ("%c3%a4", "ä"), ("%FF", "\u{FFFD}"), ("+", "+"),
    ])
    func `what is no escape stays`(encoded: String, text: String) {
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test func `a query keeps order, repeats and names without a value`() {
        let pairs = PercentEncoding.query("a=1&b&a=%20+&&c=x=y")
        #expect(pairs.map(\.name) == ["a", "b", "a", "c"])
        #expect(pairs.map(\.value) == ["1", "", "  ", "x=y"])
    }
}
