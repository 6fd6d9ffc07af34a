// SecretBuiltinTests.swift: every builtin with a secret in each place where a value may stand, at load and when it runs.
//
// What the machine refuses when it runs is an error at load where the call says enough, and what it takes is none.
// Neighbours: Language/Check/SecretWalk+Calls.swift (load), Machine/SecretText.swift (run).

import Diagnostics
import Foundation
import Language
import Machine
import Testing

struct SecretBuiltinTests {
    /// A builtin's call with a word in the place of one of its texts, lists and so on.
    private struct Call: CustomStringConvertible {
        let builtin: Builtin
        let text: String
        let isReceiver: Bool
        /// Not the value itself, but an item of it.
        let isInside: Bool
        var description: String { text }
    }

    private static let word = "SECRET"

    private static func calls(of builtin: Builtin) -> [Call] {
        var found: [Call] = []
        for example in builtin.examples {
            for position in 0...example.arguments.count {
                let isReceiver = position == 0
                if !isReceiver {
                    let parameter = builtin.parameters[position - 1]
                    if parameter.isSelector || parameter.isPattern { continue }
                }
                let old = isReceiver ? example.receiver : example.arguments[position - 1]
                for (new, isInside) in replacements(of: old) {
                    let text = BuiltinPages.call(of: builtin, example.replacing(position, with: new))
                    guard text.contains("\"\(word)\"") else { continue }
                    found.append(Call(builtin: builtin, text: text, isReceiver: isReceiver, isInside: isInside))
                }
            }
        }
        return found
    }

    private static func replacements(of old: Constant) -> [(Constant, isInside: Bool)] {
        var all: [(Constant, isInside: Bool)] = [(.string(word), false)]
        if case .list(let items) = old, !items.isEmpty {
            all.append((.list([.string(word)] + items.dropFirst()), true))
        }
        if case .object(let entries) = old, let first = entries.first {
            all.append((.object([.init(key: first.key, value: .string(word))] + entries.dropFirst()), true))
        }
        return all
    }

    /// Codes of the errors at load.
    private static func codes(_ call: Call) -> [String] {
        let text = call.text.replacingOccurrences(of: "\"\(word)\"", with: "token")
        let source =
            "get \"/\" => run\nhandler run(request) {\n  let token = secret(\"secrets/a\")\n  let _found = \(text)\n}\n"
        let file = DeploymentFile(source: SourceFile(path: "routes/a.bay", text: source), module: nil)
        return Compiler.compile([file]).diagnostics.filter { $0.severity == .error }.map(\.code.rawValue)
    }

    /// What becomes of it when nothing is known at load: a fault's code, or nil.
    private static func fault(_ call: Call) throws -> String? {
        let text = call.text.replacingOccurrences(of: "\"\(word)\"", with: "request.body.token")
        let source = "get \"/\" => run\nhandler run(request) {\n  let _found = \(text)\n}\n"
        let file = DeploymentFile(source: SourceFile(path: "routes/a.bay", text: source), module: nil)
        let result = Compiler.compile([file])
        let report = TextRenderer(colour: false, ascii: true).render(result.diagnostics, in: result.sources)
        let deployment = try #require(result.deployment, "\(report)")
        let fibers = FiberSlab(fibersMax: 1)
        let ref = try #require(fibers.create(program: deployment.program, limits: .standard))
        let arena = try #require(fibers.arena(of: ref))
        let action = try #require(deployment.endpoints.first?.action)
        let request = arena.object([("body", arena.object([("token", arena.secret("s"))]))])
        switch fibers.start(ref, action, argument: request) {
        case .faulted(let fault): return fault.code.rawValue
        case .finished, .suspended, .forked: return nil
        }
    }

    @Test(arguments: Builtin.all.map(\.name))
    func `a secret is refused at load where the run would refuse it, and taken where it takes it`(name: String) throws {
        let builtin = try #require(Builtin.all.first { $0.name == name })
        for call in Self.calls(of: builtin) {
            let fault = try Self.fault(call)
            let codes = Self.codes(call)
            // Of the items of a list or object not even all kinds are known at load.
            if call.isInside, fault != nil, fault != "F0913" { continue }
            #expect((fault != nil) == !codes.isEmpty, "\(call): when it runs \(fault ?? "fine"), at load \(codes)")
            #expect(codes.count <= 1, "\(call): one cause, one message: \(codes)")
        }
    }
}

extension Builtin.Example {
    /// The same with another receiver (0) or argument.
    fileprivate func replacing(_ position: Int, with constant: Constant) -> Builtin.Example {
        var arguments = arguments
        if position > 0 { arguments[position - 1] = constant }
        return Builtin.Example(position == 0 ? constant : receiver, arguments, gives: result)
    }
}
