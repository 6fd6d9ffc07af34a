import Diagnostics
import Testing

@testable import Machine

struct PatternTests {
    @Test(arguments: [
        ("a(b", "missing )", "a(b"), ("a)b", "unexpected )", "a)b"), ("*a", "no argument for repetition operator", "*"),
        ("a[b", "missing ]", "[b"), (#"a\8"#, "invalid escape sequence", #"\8"#),
        ("(?=a)", "invalid perl operator", "(?="),
        ("a{1001}", "invalid repetition size", "{1001}"), ("[[:nope:]]", "invalid character class range", "[:nope:]"),
    ])
    func `a bad pattern says why and where`(text: String, reason: String, part: String) throws {
        let error = try #require(throws: PatternError.self) { try Pattern(text) }
        #expect(error.reason == reason)
        #expect(String(decoding: Array(text.utf8)[error.part], as: UTF8.self) == part)
    }

    @Test func `a pattern that would take too much memory is refused`() throws {
        let error = try #require(throws: PatternError.self) { try Pattern(#"\pL{900}"#) }
        #expect(error.reason.hasPrefix("pattern too large"), "\(error.reason)")
        let many = try #require(throws: PatternError.self) { try Pattern(String(repeating: "(a)", count: 101)) }
        #expect(many.reason == "more than 100 groups")
    }

    @Test func `groups are called by name or number`() throws {
        #expect(try Pattern("(a)(?P<b>b)(?:c)(d)").groups == ["1", "b", "3"])
        #expect(try Pattern("").groups == [])
    }

    @Test(arguments: [
        ("", "", true), ("", "a", true), ("a", "", false), ("^$", "", true), ("ä+", "xää", true),
        ("(?i)ORD", "ord", true),
    ])
    func `empty patterns and texts are fine`(pattern: String, text: String, fits: Bool) throws {
        #expect(try call("matches", .string(text), [.string(pattern)]) == .returned(.bool(fits)))
    }

    /// Exponential in a backtracking matcher: 30 letters would take minutes there, here are 100,000.
    @Test func `time is linear for patterns that others choke on`() throws {
        let text = String(repeating: "a", count: 100_000) + "b"
        #expect(try call("matches", .string(text), [.string("^(a+)+$")]) == .returned(.bool(false)))
        #expect(try call("matches", .string(text), [.string("^(a|a)*$")]) == .returned(.bool(false)))
        #expect(try call("capture", .string(text), [.string("^(a*)*(b)$")]) != .returned(.null))
    }
}
