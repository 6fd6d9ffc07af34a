// CompilerRobustnessTests.swift: whatever the text, the compiler answers, and answers the same.

import Diagnostics
import Foundation
import Language
import Machine
import Testing

/// Runs on a thread with a stack as the engine's threads have it.
private func onThread<Result: Sendable>(stackBytes: Int, _ work: @escaping @Sendable () -> Result) -> Result {
    let done = DispatchSemaphore(value: 0)
    let box = Box<Result>()
    let thread = Thread {
        box.value = work()
        done.signal()
    }
    thread.stackSize = stackBytes
    thread.start()
    done.wait()
    return box.value!
}

/// SAFETY: written before the semaphore is signalled, read after it was waited for.
private final class Box<Value>: @unchecked Sendable {
    var value: Value?
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
        var random = SplitMix64(state: UInt64(name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }))
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
            ConformanceCase.file(
                "routes/app/routes.bay", "subscribe \"p/t\" (dead_letter: \"d\") { on \"x\" => main.run }\n"),
            ConformanceCase.file("scripts/main.bay", "handler run(event) {\n\(lines)}\n"),
        ])
        #expect(result.diagnostics.count == 50)
        let places = result.diagnostics.compactMap { $0.primary?.range.start }
        #expect(places == places.sorted())
    }

    @Test(arguments: [100, 190, 900, 5_000])
    func `deep nesting and long chains are compiled or refused`(depth: Int) {
        let texts = [
            "handler run(event) { return \(String(repeating: "[", count: depth))1\(String(repeating: "]", count: depth)) }",
            "handler run(event) { return \(String(repeating: "if event.a { ", count: depth))1\(String(repeating: " }", count: depth)) }",
            "handler run(event) { return 1\(String(repeating: " + event.a", count: depth)) }",
            "handler run(event) { return event\(String(repeating: ".a", count: depth)) }",
            "handler run(event) { return \(String(repeating: "not ", count: depth))event.a }",
            "fn f(x) = x\nhandler run(event) { return \(String(repeating: "f(", count: depth))1\(String(repeating: ")", count: depth)) }",
        ]
        for text in texts {
            let result = onThread(stackBytes: 8 << 20) {
                Compiler.compile([
                    ConformanceCase.file(
                        "routes/a/r.bay", "subscribe \"p/t\" (dead_letter: \"d\") { on \"x\" => main.run }"),
                    ConformanceCase.file("scripts/main.bay", text),
                ])
            }
            #expect((result.deployment == nil) == result.diagnostics.contains { $0.severity == .error })
        }
    }

    @Test func `a thousand rules and handlers`() {
        let rules = (0..<1000).map {
            "  on \"t\($0).v1\" where event.data.qty > \($0) and event.data.kind == \"k\($0)\" => main.h\($0)\n"
        }.joined()
        let handlers = (0..<1000).map {
            """
            handler h\($0)(event) {
              let d = event.data
              let total = d.price * d.qty + \($0)
              if total > 100 { shelf.save("k:${d.id}", { id: d.id, total }) } else { log.info("small ${total}") }
              return { found: shelf.get("x:${d.id}") ?? 0, total }
            }

            """
        }.joined()
        let result = Compiler.compile([
            ConformanceCase.file(
                "routes/a/r.bay", "store shelf = \"s\"\nsubscribe \"p/t\" (dead_letter: \"d\") {\n\(rules)}\n"),
            ConformanceCase.file("scripts/main.bay", handlers),
        ])
        #expect(result.deployment?.program.functions.count == 2000)
    }

    @Test func `the same files give the same answer`() throws {
        for name in ConformanceCase.names.prefix(40) {
            let files = try ConformanceCase.named(name).files
            #expect(Compiler.compile(files).diagnostics == Compiler.compile(files).diagnostics)
        }
    }
}
