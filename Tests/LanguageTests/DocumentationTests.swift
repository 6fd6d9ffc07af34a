// DocumentationTests.swift: every example of the README and of docs/language.md is right, by the compiler's own word.
//
// A fenced block says after `bay` what it is: `file=scripts/orders.bay` is a part of that file; `values` has an
// expression and what it gives on each line; `statements` is the body of a handler; nothing at all is declarations, or
// rules. All blocks of the language's page make one deployment, and what can run without an effect is run.

import Diagnostics
import Foundation
import Language
import Machine
import Routing
import Testing

struct DocumentationTests {
    struct Example {
        let kind: String
        let text: String
    }

    /// The fenced `bay` blocks of a page.
    static func examples(in page: String) throws -> [Example] {
        let text = try String(contentsOf: ShippedAppsTests.root.appendingPathComponent(page), encoding: .utf8)
        return text.components(separatedBy: "```bay").dropFirst().compactMap { block in
            guard let end = block.range(of: "```\n"), let line = block.firstIndex(of: "\n") else { return nil }
            return Example(
                kind: block[..<line].trimmingCharacters(in: .whitespaces),
                text: String(block[block.index(after: line)..<end.lowerBound]))
        }
    }

    /// The lines of a `values` block: an expression, and what it gives.
    static func values(_ example: Example) -> [(expression: String, result: String)] {
        example.text.split(separator: "\n").compactMap { line in
            line.range(of: "# ", options: .backwards).map {
                (line[..<$0.lowerBound].trimmingCharacters(in: .whitespaces), String(line[$0.upperBound...]))
            }
        }
    }

    static func handler(_ body: String) -> String { "handler example(event) {\n\(body)\n}\n" }

    /// The example as a whole file.
    static func source(_ example: Example) -> String {
        switch example.kind {
        case "values":
            handler("return [\n" + values(example).map { "  (\($0)) == (\($1)),\n" }.joined() + "]")
        case "statements": handler(example.text)
        case "" where example.text.hasPrefix("  on "): "subscribe \"a/b\" {\n\(example.text)}\n"
        default: example.text
        }
    }

    @Test(arguments: ["README.md", "docs/language.md"])
    func `every example of the docs parses`(page: String) throws {
        let examples = try Self.examples(in: page)
        #expect(!examples.isEmpty)
        for example in examples {
            var symbols = SymbolTable()
            let file = SourceFile(path: page, text: Self.source(example))
            let (_, diagnostics) = Parser.parse(file, id: SourceFileID(0), symbols: &symbols)
            #expect(diagnostics.isEmpty, "\(example.text)\n\(diagnostics.map(\.title))")
        }
    }

    /// All of the page's examples, each where it belongs; the wrapped ones in modules that a route reaches.
    static func deployment() throws -> [DeploymentFile] {
        var texts: [(path: String, text: String)] = []
        func add(_ path: String, _ text: String) {
            if let known = texts.firstIndex(where: { $0.path == path }) {
                texts[known].text += text
            } else {
                texts.append((path, text))
            }
        }
        for (number, example) in try examples(in: "docs/language.md").enumerated() {
            let text = source(example)
            switch example.kind {
            case "values", "statements":
                add("scripts/example\(number).bay", text)
                add(
                    "routes/examples/routes.bay",
                    "subscribe \"pubsub/example\(number)\" (dead_letter: \"dead\") { otherwise => example\(number).example }\n"
                )
            case "" where text.hasPrefix("subscribe"): add("routes/examples/routes.bay", text)
            case "": add("scripts/orders.bay", text)
            default: add(String(example.kind.dropFirst("file=".count)), text)
            }
        }
        add("scripts/orders.bay", "handler review(event) {}\nhandler record_it(event) {}\n")
        return texts.map { path, text in
            let module =
                path.hasPrefix("scripts/") ? String(path.dropFirst("scripts/".count).dropLast(".bay".count)) : nil
            return DeploymentFile(source: SourceFile(path: path, text: text), module: module)
        }
    }

    @Test func `the examples of the language's page make a deployment, and hold`() throws {
        let shipped = try ShippedAppsTests.files(in: "scripts", isModule: true)
        let files = try Self.deployment()
        let own = Set(files.map(\.source.path))
        let result = Compiler.compile(files + shipped.filter { !own.contains($0.source.path) })
        let report = TextRenderer(colour: false, ascii: true).render(
            result.diagnostics.filter { $0.severity == .error }, in: result.sources)
        let deployment = try #require(result.deployment, "\(report)")
        let fibers = FiberSlab(fibersMax: 1)
        var ran = 0
        for (number, example) in try Self.examples(in: "docs/language.md").enumerated()
        where example.kind == "values" || example.kind == "statements" {
            let subscription = try #require(deployment.subscriptions.first { $0.topic == "example\(number)" })
            let ref = try #require(fibers.create(program: deployment.program, limits: .standard))
            defer { fibers.release(ref) }
            let arena = try #require(fibers.arena(of: ref))
            let event = arena.object([("data", arena.object([("id", arena.string("17"))]))])
            switch fibers.start(ref, try #require(subscription.rules.first).action, argument: event) {
            case .finished(.returned(let value)):
                ran += 1
                let outcomes = value.items(in: arena)?.map { $0.asBool ?? false } ?? [value.asBool ?? false]
                for (line, holds) in outcomes.enumerated() where !holds {
                    Issue.record(
                        "does not hold: \(example.kind == "values" ? "\(Self.values(example)[line])" : example.text)")
                }
            // It asks for an effect: compiled is all that can be done with it here.
            case .suspended, .forked: break
            case .finished(let end): Issue.record("\(end): \(example.text)")
            case .faulted(let fault): Issue.record("\(fault.message): \(example.text)")
            }
        }
        #expect(ran >= 5, "examples that run without an effect")
    }
}
