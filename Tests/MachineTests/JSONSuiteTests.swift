// JSONSuiteTests.swift: the classes of the public JSON test suite, as cases of our own, through all three readers.
//
// `y`: must be read. `n`: must be refused. `i`: the RFC leaves it open; here stands what we decided, and JSONError.swift
// says it in words.

import Foundation
import Testing

@testable import Machine

/// The three ways in: a tree for cold code, a value of an arena, and an event's slots.
private func readings(_ text: [UInt8]) -> [Bool] {
    let tree = (try? JSON.parse(text)) != nil
    let owned = OwnedArena()
    let value = (try? owned.arena.json(text)) != nil
    // As the data of an event, once asked for by a rule and once not.
    let wrapped = Array(#"{"data":"#.utf8) + text + Array("}".utf8)
    return [tree, value, isRead(wrapped, asking: [["data"], ["data", "a"]]), isRead(wrapped, asking: [])]
}

private func isRead(_ event: [UInt8], asking paths: [[String]]) -> Bool {
    var code = Assembler()
    for path in paths { _ = code.slot(path: path.map { .key($0) }) }
    let main = code.declareFunction(name: "main", parameterCount: 0, range: nowhere)
    code.begin(main)
    code.emit(.returnNull, at: nowhere)
    code.end(registerCount: 1)
    guard let program = try? code.finish() else { return false }
    let bench = Workbench(program: program)
    let ref = bench.create()
    defer { bench.slab.release(ref) }
    return (try? bench.slab.scan(event, for: ref)) != nil
}

struct JSONSuiteTests {
    @Test(arguments: [
        "[[]   ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
        "[1,null,null,null,2]",
        "[2] ", "[123e65]", "[0e+1]", "[0e1]", "[ 4]",
        "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
        "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]",
        "[1e+2]", "[123]",
        "[123.456789]", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"asd\":\"sdf\"}", "{\"a\":\"b\",\"a\":\"c\"}",
        "{\"a\":\"b\",\"a\":\"b\"}", "{}",
        "{\"\":0}", "{\"foo\\u0000bar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\"a\":[]}",
        "{\n\"a\": \"b\"\n}",
        "{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\" }", "[\"\\u0060\\u012a\\u12AB\"]",
        "[\"\\uD801\\udc37\"]",
        "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]",
        "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]",
        "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[ \"asd\"]", "[\"\\uDBFF\\uDFFF\"]",
        "[\"new\\u00A0line\"]", "[\"\u{10ffff}\"]",
        "[\"\u{ffff}\"]", "[\"\\u0000\"]", "[\"\\u002c\"]", "[\"π\"]", "[\"\u{1bfff}\"]", "[\"asd \"]", "\" \"",
        "[\"\\uD834\\uDd1e\"]", "[\"\\u0821\"]",
        "[\"\\u0123\"]", "[\"\u{2028}\"]", "[\"\u{2029}\"]", "[\"\\u0061\\u30af\\u30EA\\u30b9\"]",
        "[\"new\\u000Aline\"]", "[\"\u{7f}\"]", "[\"\\uA66D\"]",
        "[\"\\u005C\"]", "[\"⍂㈴⍂\"]", "[\"\\u0022\"]", "[\"\\uDBFF\\uDFFE\"]", "[\"\\uD83F\\uDFFE\"]", "[\"\\u200B\"]",
        "[\"\\u2064\"]", "[\"\\uFDD0\"]",
        "[\"\\uFFFE\"]", "[\"€𝄞\"]", "[\"aa\"]", "false", "42", "-0.1", "null", "\"asd\"", "true", "\"\"", "[\"a\"]\n",
        "[true]", " [] ",
    ])
    func `what must be read is read`(text: String) {
        for (way, isRead) in readings(Array(text.utf8)).enumerated() { #expect(isRead, "way \(way)") }
    }

    @Test(arguments: [
        "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x",
        "[3[4]]", "[1:2]", "[,]", "[-]",
        "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"a\"\u{b}\\f]", "[*]", "[\"\"", "[1,", "[1,\n1\n,1",
        "[{}", "[fals]", "[nul]",
        "[tru]", "123\u{0}", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]",
        "[0.1.2]", "[0.3e+]", "[0.3e]",
        "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]", "[1 000.0]", "[1eE2]", "[2.e+3]",
        "[2.e-3]", "[2.e3]", "[9.e+]",
        "[Inf]", "[NaN]", "[１]", "[1+2]", "[0x1]", "[0x42]", "[Infinity]", "[0e+-1]", "[-123.123foo]", "[-Infinity]",
        "[-foo]", "[- 1]", "[-012]",
        "[-.123]", "[-1x]", "[1ea]", "[1.]", "[.123]", "[1.2a-3]", "[1.8011670033376514H-308]", "[012]",
        "[\"x\", truth]", "{[: \"x\"}\n",
        "{\"x\", null}", "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}", "{key: 'value'}", "{\"a\" b}", "{:\"b\"}",
        "{\"a\" \"b\"}", "{\"a\":", "{\"a\"",
        "{1:1}", "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}",
        "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/**//",
        "{\"a\":\"b\"}//", "{\"a\":\"b\"}/", "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a",
        "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#", " ",
        "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[é]", "[\"\\x00\"]",
        "[\"\\\\\\\"]", "[\"\\\t\"]", "[\"\\🌀\"]",
        "[\"\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]", "[\"\\uD800\\uD800\\x\"]", "[\"\\a\"]", "[\"\\uqqqq\"]",
        "[\\u0020\"asd\"]", "[\\n]", "\"",
        "['single quote']", "abc", "[\"\\", "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", "\"\\UA66D\"", "\"\"x",
        "<.>", "[<null>]", "[1]x", "[1]]",
        "[\"asd]", "aå", "[True]", "1]", "{\"x\": true,", "[][]", "]", "{}}", "{\"\":", "{\"a\":/*comment*/\"b\"}",
        "{\"a\": true} \"x\"", "['", "[\"a",
        "[\"a\"", "{,", "{[", "{\"a", "{'a'", "[\"\\{[\"\\{[\"\\{[\"\\{", "*", "{\"a\":\"b\"}#{}", "[\u{c}]",
        "[\u{2060}]", "\u{feff}", "[⁠]", "", "å",
        "[\u{a0}]", "{\"a\":1 \"b\":2}", "[\"a\" \"b\"]", "nulll", "truefalse", "-", "--1", "[1e]", "1e", "0.", "00",
        "-00", "[\"\u{1f}\"]",
    ])
    func `what must be refused is refused`(text: String) {
        for (way, isRead) in readings(Array(text.utf8)).enumerated() {
            // `{"data":` … `}` around it may make something whole out of an unfinished text; that is another text.
            if way >= 2, (try? JSON.parse(Array(#"{"data":"#.utf8) + Array(text.utf8) + Array("}".utf8))) != nil {
                continue
            }
            #expect(!isRead, "way \(way)")
        }
    }

    @Test(arguments: [
        // A number beyond a double, at either end of the exponents.
        ("[123.456e-789]", true),
        (
            "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]",
            false
        ),
        ("[-1e+9999]", false), ("[1.5e+9999]", false), ("[-123123e100000]", false), ("[123123e100000]", false),
        ("[123e-10000000]", true),
        ("[-123123123123123123123123123123]", true), ("[100000000000000000000]", true),
        ("[-237462374673276894279832749832423479823246327846]", true),
        // Half of a surrogate pair, escaped.
        ("[\"\\uDADA\"]", false), ("[\"\\uD888\\u1234\"]", false), ("[\"\\uD800\\n\"]", false),
        ("[\"\\uDd1ea\"]", false), ("[\"\\uD800\\uD800\\n\"]", false),
        ("[\"\\ud800\"]", false), ("[\"\\ud800abc\"]", false), ("[\"\\uDd1e\\uD834\"]", false),
        ("[\"\\uDFAA\"]", false), ("{\"\\uDFAA\":0}", false),
        // A byte order mark.
        ("\u{feff}{}", false),
    ])
    func `where the standard leaves it open, we decided`(text: String, wanted: Bool) {
        for (way, isRead) in readings(Array(text.utf8)).enumerated() { #expect(isRead == wanted, "way \(way)") }
    }

    /// Bytes that are not UTF-8, UTF-16 with and without mark, overlong forms, surrogates as bytes.
    @Test(
        arguments: [
            [0x5b, 0x22, 0xff, 0x22, 0x5d], [0x5b, 0x22, 0xe0, 0xff, 0x22, 0x5d],
            [0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d], [0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d],
            [0x5b, 0x22, 0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf, 0x22, 0x5d],
            [0x5b, 0x22, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x80, 0x22, 0x5d], [0x5b, 0x22, 0x81, 0x22, 0x5d],
            [0x5b, 0x22, 0xf4, 0xbf, 0xbf, 0xbf, 0x22, 0x5d], [0x5b, 0x22, 0xe9, 0x22, 0x5d],
            [0xff, 0xfe, 0x5b, 0x00, 0x22, 0x00, 0xe9, 0x00, 0x22, 0x00, 0x5d, 0x00],
            [0x00, 0x5b, 0x00, 0x22, 0x00, 0xe9, 0x00, 0x22, 0x00, 0x5d], [0x5b, 0x00, 0x22, 0x00, 0xe9, 0x00], [0xe5],
            [0x5b, 0xff, 0x5d], [0x5b, 0x31, 0xe5, 0x5d],
            [0x5b, 0x31, 0x65, 0x31, 0xe5, 0x5d], [0x5b, 0x30, 0xe5, 0x5d], [0x5b, 0x2d, 0x31, 0x32, 0x33, 0xe5, 0x5d],
            [0x5b, 0x61, 0xe5, 0x5d], [0x7b, 0x22, 0xb9, 0x22, 0x3a, 0x30, 0x7d],
            [0x5b, 0x22, 0x5c, 0xe5, 0x22, 0x5d], [0x5b, 0x22, 0x5c, 0x75, 0xe5, 0x22, 0x5d], [0xef, 0xbb],
            [0xef, 0xbb, 0xbf], [0x5b, 0xe2, 0x81, 0xa0, 0x5d],
        ] as [[UInt8]])
    func `bytes that are no text are refused`(bytes: [UInt8]) {
        for (way, isRead) in readings(bytes).enumerated() { #expect(!isRead, "way \(way)") }
    }

    @Test func `a hundred thousand brackets are refused in no time`() {
        for opening in ["[", "{\"\":", "[{\"\":"] {
            let text = Array(String(repeating: opening, count: 100_000).utf8)
            for isRead in readings(text) { #expect(!isRead) }
        }
        // One level is the event's own.
        let deepest = Array((String(repeating: "[", count: 127) + String(repeating: "]", count: 127)).utf8)
        for isRead in readings(deepest) { #expect(isRead) }
        let tooDeep = Array((String(repeating: "[", count: 129) + String(repeating: "]", count: 129)).utf8)
        for isRead in readings(tooDeep) { #expect(!isRead) }
    }
}
