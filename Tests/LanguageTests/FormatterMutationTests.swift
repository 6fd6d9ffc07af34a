// FormatterMutationTests.swift: spaces and line ends that mean nothing change nothing; comments survive anywhere.
//
// A seeded mutator writes each text again with other white space, or with comments where there were none. What it
// writes is used only when the parser sees the same tree.

import Diagnostics
import Foundation
import Language
import Testing

struct FormatterMutationTests {
    /// Of each text; more for a longer search.
    static let rounds = ProcessInfo.processInfo.environment["PATCHBAY_FORMATTER_ROUNDS"].flatMap(Int.init) ?? 6

    @Test(arguments: BayText.all)
    func `other white space between the same tokens gives the same text`(_ source: BayText) throws {
        let expected = try #require(Formatted(source.text).text)
        let tree = Parsed(source.text).dump
        for seed in 0..<UInt64(Self.rounds) {
            var mutator = LayoutMutator(source.text, seed: seed &* 0x9E37 &+ 17)
            let mutated = mutator.respaced()
            guard Parsed(mutated).diagnostics.isEmpty, Parsed(mutated).dump == tree else { continue }
            #expect(Formatted(mutated) == .text(expected), "\(mutated)")
        }
    }

    @Test(arguments: BayText.all)
    func `comments survive wherever they stand, and stay where they are put`(_ source: BayText) throws {
        let tree = Parsed(source.text).dump
        for seed in 0..<UInt64(Self.rounds) {
            var mutator = LayoutMutator(source.text, seed: seed &* 0x51ED &+ 3)
            let mutated = mutator.commented()
            guard Parsed(mutated).diagnostics.isEmpty, Parsed(mutated).dump == tree else { continue }
            let once = Formatted(mutated)
            #expect(once.text != nil, "\(mutated)")
            guard let text = once.text else { continue }
            #expect(Formatted(text) == .text(text), "\(mutated)")
        }
    }

    @Test func `the mutator is not idle`() {
        let source = "handler a(event) {\n  shelf.save(\"a b\", { x: [1, 2] })  # why\n}\n"
        var changed = 0
        for seed in 0..<UInt64(40) {
            var mutator = LayoutMutator(source, seed: seed)
            let mutated = mutator.respaced()
            if mutated != source, Parsed(mutated).dump == Parsed(source).dump { changed += 1 }
            #expect(mutated.contains("\"a b\"") && mutated.contains("# why"))
        }
        #expect(changed > 20)
    }
}

/// Writes a text again with other white space. Knows strings, comments and brackets; nothing else of the language.
struct LayoutMutator {
    private let source: [UInt8]
    private var random: SeededRandom
    private var output: [UInt8] = []
    private var brackets: [UInt8] = []
    private var index = 0

    init(_ text: String, seed: UInt64) {
        source = Array(text.utf8)
        random = SeededRandom(seed: seed)
    }

    mutating func respaced() -> String { rewritten(commenting: false) }
    mutating func commented() -> String { rewritten(commenting: true) }

    private var isInRoundOrSquare: Bool {
        brackets.last == UInt8(ascii: "(") || brackets.last == UInt8(ascii: "[")
    }

    private mutating func rewritten(commenting: Bool) -> String {
        while index < source.count {
            let byte = source[index]
            switch byte {
            case UInt8(ascii: "#"): copyComment()
            case UInt8(ascii: "\""): copyString()
            case UInt8(ascii: "r")
            where index + 1 < source.count && source[index + 1] == UInt8(ascii: "\"") && !isAfterWord:
                copyRaw()
            case UInt8(ascii: " "), UInt8(ascii: "\n"): white(commenting: commenting)
            default: punctuationOrWord(byte, commenting: commenting)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private var isAfterWord: Bool {
        guard let last = output.last else { return false }
        return last == UInt8(ascii: "_") || last >= UInt8(ascii: "0") && last <= UInt8(ascii: "9")
            || last | 0x20 >= UInt8(ascii: "a") && last | 0x20 <= UInt8(ascii: "z")
    }

    private mutating func copyComment() {
        while index < source.count, source[index] != UInt8(ascii: "\n") { copyByte() }
    }

    private mutating func copyByte() {
        output.append(source[index])
        index += 1
    }

    private mutating func copyRaw() {
        copyByte()
        copyByte()
        while index < source.count, source[index] != UInt8(ascii: "\"") { copyByte() }
        copyByte()
    }

    private mutating func copyString() {
        let isBlock = source[index...].starts(with: Array("\"\"\"".utf8))
        for _ in 0..<(isBlock ? 3 : 1) { copyByte() }
        while index < source.count {
            if source[index] == UInt8(ascii: "\\") {
                copyByte()
                copyByte()
            } else if source[index...].starts(with: Array("${".utf8)) {
                copyInterpolation()
            } else if source[index] == UInt8(ascii: "\""),
                !isBlock || source[index...].starts(with: Array("\"\"\"".utf8))
            {
                for _ in 0..<(isBlock ? 3 : 1) { copyByte() }
                return
            } else {
                copyByte()
            }
        }
    }

    private mutating func copyInterpolation() {
        copyByte()
        var depth = 0
        repeat {
            if source[index] == UInt8(ascii: "\"") {
                copyString()
                continue
            }
            if source[index] == UInt8(ascii: "{") { depth += 1 }
            if source[index] == UInt8(ascii: "}") { depth -= 1 }
            copyByte()
        } while depth > 0 && index < source.count
    }

    /// A run of spaces and line ends, as another one that means the same.
    private mutating func white(commenting: Bool) {
        var lineEnds = 0
        while index < source.count, source[index] == UInt8(ascii: " ") || source[index] == UInt8(ascii: "\n") {
            if source[index] == UInt8(ascii: "\n") { lineEnds += 1 }
            index += 1
        }
        if lineEnds == 0 {
            output += blanks(1)
            if commenting, random.next(12) == 0 { comment() }
            return
        }
        output += blanks(0)
        if commenting, random.next(3) == 0 { comment() } else { output.append(UInt8(ascii: "\n")) }
        if lineEnds > 1 {
            for _ in 0...random.next(3) { output += blanks(0) + [UInt8(ascii: "\n")] }
        }
        if commenting, random.next(4) == 0 { comment() }
        output += blanks(0)
    }

    private mutating func comment() {
        output += Array(" # c\(random.next(100))\n".utf8)
    }

    private mutating func blanks(_ least: Int) -> [UInt8] {
        (0..<least + random.next(4)).map { _ in random.next(5) == 0 ? UInt8(ascii: "\t") : UInt8(ascii: " ") }
    }

    private mutating func punctuationOrWord(_ byte: UInt8, commenting: Bool) {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
            brackets.append(byte)
            copyByte()
            if random.next(3) == 0, !(byte == UInt8(ascii: "{") && followsLineEnd) { output += blanks(0) }
            if byte != UInt8(ascii: "{"), !followsComment, random.next(4) == 0 { output.append(UInt8(ascii: "\n")) }
            if commenting, random.next(12) == 0 { comment() }
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            if random.next(3) == 0 { output += blanks(0) }
            if byte != UInt8(ascii: "}"), random.next(5) == 0 { output.append(UInt8(ascii: "\n")) }
            _ = brackets.popLast()
            copyByte()
        case UInt8(ascii: ","):
            if random.next(3) == 0 { output += blanks(0) }
            copyByte()
            if random.next(3) == 0 { output += blanks(0) }
            if isInRoundOrSquare, !followsLineEnd, !followsComment, random.next(4) == 0 {
                output.append(UInt8(ascii: "\n"))
            }
            if commenting, random.next(8) == 0 { comment() }
        default: copyByte()
        }
    }

    /// A comment behind a token belongs to it, one on the next line does not.
    private var followsComment: Bool {
        source[index...].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "#")
    }

    private var followsLineEnd: Bool { index < source.count && source[index] == UInt8(ascii: "\n") }
}

/// xorshift64*: the same numbers for the same seed, everywhere.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// 0 to `limit` - 1.
    mutating func next(_ limit: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}
