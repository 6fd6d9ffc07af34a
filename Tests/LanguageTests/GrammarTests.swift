// GrammarTests.swift: the grammar of docs/language.md is the grammar: its random sentences parse, and print back.
//
// `PATCHBAY_GRAMMAR_ROUNDS` says how many sentences a seed makes (120), `PATCHBAY_GRAMMAR_SEED` where they begin.

import Diagnostics
import Foundation
import Language
import Testing

struct GrammarTests {
    private static func setting(_ name: String, _ standard: Int) -> Int {
        Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard
    }

    @Test func `the page has a grammar, every rule has an end, and every name a rule`() {
        let grammar = BayGrammar.ofThePage
        #expect(grammar.problems == [])
        #expect(grammar.names.first == "file")
        #expect(grammar.names.count > 60)
    }

    @Test func `every rule is reached from a file`() {
        let grammar = BayGrammar.ofThePage
        var reached: Set<String> = []
        func visit(_ production: Production) {
            switch production {
            case .terminal: break
            case .reference(let name):
                if reached.insert(name).inserted, let rule = grammar.rules[name] { visit(rule) }
            case .sequence(let items), .choice(let items): for item in items { visit(item) }
            case .option(let inner), .repetition(let inner): visit(inner)
            }
        }
        visit(.reference("file"))
        #expect(Set(grammar.names).subtracting(reached) == [])
        #expect(BayGrammar.lexical.subtracting(reached) == [])
    }

    @Test func `the sentences use all of the grammar`() {
        let grammar = BayGrammar.ofThePage
        var visited: Set<String> = []
        for seed in 0..<400 { visited.formUnion(SentenceGenerator.file(grammar, seed: seed).visited) }
        // `sep` and `csep` stand in sequences, which write them by themselves.
        let wanted = Set(grammar.names).union(BayGrammar.lexical).subtracting(["file", "sep", "csep"])
        #expect(wanted.subtracting(visited) == [])
    }

    @Test(arguments: 0..<8)
    func `a random sentence parses, and prints back to the same tree`(seed: Int) {
        let rounds = Self.setting("PATCHBAY_GRAMMAR_ROUNDS", 120)
        let first = Self.setting("PATCHBAY_GRAMMAR_SEED", 0)
        var failures = 0
        for round in 0..<rounds where failures < 3 {
            let number = first + seed * 1_000_003 + round
            let sentence = SentenceGenerator.file(BayGrammar.ofThePage, seed: number).text
            guard let problem = Self.problem(with: sentence) else { continue }
            failures += 1
            Issue.record("sentence \(number): \(problem)")
        }
    }

    /// What does not hold of a sentence; nil when all does.
    private static func problem(with sentence: String) -> String? {
        let parsed = Parsed(sentence)
        guard parsed.diagnostics.isEmpty else {
            let messages = TextRenderer(colour: false, ascii: false).render(
                parsed.diagnostics, in: SourceMap(files: [parsed.source]))
            return "does not parse\n\(sentence)\n\(messages)"
        }
        guard let once = FormatterTests.format(sentence) else { return "has no canonical form\n\(sentence)" }
        let after = Parsed(once)
        guard after.diagnostics.isEmpty else {
            let messages = TextRenderer(colour: false, ascii: false).render(
                after.diagnostics, in: SourceMap(files: [after.source]))
            return "formatted it does not parse\n\(sentence)\n--- formatted\n\(once)\n\(messages)"
        }
        if after.dump != parsed.dump { return "formatted it means something else\n\(sentence)\n--- formatted\n\(once)" }
        guard let twice = FormatterTests.format(once), twice == once else {
            return "formatting again changes it\n\(sentence)\n--- formatted\n\(once)"
        }
        return nil
    }
}
