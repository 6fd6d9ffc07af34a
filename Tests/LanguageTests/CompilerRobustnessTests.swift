// CompilerRobustnessTests.swift: whatever the text, the compiler answers, and answers the same.

import Diagnostics
import Foundation
import Language
import Testing

/// A small reproducible source of numbers (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct CompilerRobustnessTests {
    /// Pieces of the language, put where they do not belong.
    private static let pieces = [
        "{", "}", "(", ")", "[", "]", "\"", "${", ",", ";", "\n", "=>", "=", "==", "..", "...", ".", "?.", "??", "|",
        "let", "var", "fn", "handler", "record", "on", "where", "otherwise", "match", "if", "else", "for", "in",
        "catch", "update", "as", "keep", "fail", "return", "retry", "break", "event", "request", "shelf", "main.run",
        "1", "\"a\"", "null", "Event<", ">", "-", "not", "any(", "exists(", "store", "subscribe", "get", "_", "#",
    ]

    @Test(arguments: ConformanceCase.names)
    func `a mutated case is compiled or refused, never worse`(name: String) throws {
        let test = try ConformanceCase.named(name)
        var random = Seeded(state: UInt64(name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }))
        for _ in 0..<6 {
            let files = test.files.map { file -> DeploymentFile in
                var text = Array(file.source.bytes)
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let place = Int.random(in: 0...text.count, using: &random)
                    if Bool.random(using: &random), !text.isEmpty {
                        let end = min(text.count, place + Int.random(in: 1...6, using: &random))
                        text.removeSubrange(min(place, end)..<end)
                    } else {
                        text.insert(contentsOf: Self.pieces.randomElement(using: &random)!.utf8, at: place)
                    }
                }
                return DeploymentFile(source: SourceFile(path: file.source.path, bytes: text), module: file.module)
            }
            let first = Compiler.compile(files)
            let hasErrors = first.diagnostics.contains { $0.severity == .error }
            #expect((first.deployment == nil) == hasErrors)
            for diagnostic in first.diagnostics {
                guard let range = diagnostic.primary?.range else { continue }
                #expect(range.start <= range.end)
                #expect(Int(range.end) <= first.sources[range.file].bytes.count)
            }
        }
    }

    @Test func `at most fifty diagnostics of a file, in the order of their places`() {
        let lines = (0..<80).map { "  log.info(unknown\($0))\n" }.joined()
        let result = Compiler.compile([
            ConformanceCase.file("routes/app/routes.bay", "subscribe \"p/t\" (dead_letter: \"d\") { on \"x\" => main.run }\n"),
            ConformanceCase.file("scripts/main.bay", "handler run(event) {\n\(lines)}\n"),
        ])
        #expect(result.diagnostics.count == 50)
        let places = result.diagnostics.compactMap { $0.primary?.range.start }
        #expect(places == places.sorted())
    }

    @Test func `the same files give the same answer`() throws {
        for name in ConformanceCase.names.prefix(40) {
            let files = try ConformanceCase.named(name).files
            #expect(Compiler.compile(files).diagnostics == Compiler.compile(files).diagnostics)
        }
    }
}
