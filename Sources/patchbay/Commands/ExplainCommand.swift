// ExplainCommand.swift: `patchbay explain`: a diagnostic's page, a builtin's, or what rules make of an event; with
// `--bytecode` what all of it becomes for the machine.
//
// Neighbours: EventReport.swift (how an explained event looks), Engine/EventExplainer.swift, BytecodeListing.swift.

internal import Diagnostics
internal import Engine
internal import Language
internal import Machine
internal import Transport

extension Command {
    static let explain = Command(
        name: "explain",
        operands: "CODE|BUILTIN, EVENT.json [ROUTES…] [scripts], or --bytecode [ROUTES…] [scripts] [FUNCTION]",
        summary: """
            Say what a diagnostic means, what a builtin does, or which rules take an event.
            A code such as E0301, a builtin such as split, or a CloudEvent in a file: then every rule is asked, clause \
            by clause. Without folders, each of routes/* is asked with scripts.
            """,
        flags: [
            Folders.flag,
            Flag(
                name: "bytecode", value: nil, summary: "list what handlers, functions and rules become, or one FUNCTION"
            ),
            Flag(name: "topic", value: "PUBSUB/TOPIC", summary: "only this subscription (all)"),
            Flag(name: "format", value: "text|json", summary: "how an event is explained (text)"),
        ] + SourceFlags.all,
        action: { (options, _) async throws(UsageError) in
            if options.isSet("bytecode") { return try BytecodeListing.print(options) }
            guard let word = options.operands.first else {
                throw UsageError(
                    message: "which code, builtin or event?",
                    help:
                        "for example: patchbay explain E0301, patchbay explain split, patchbay explain events/widget.json"
                )
            }
            if word.hasSuffix(".json") { return try explainEvent(word, options) }
            guard options.operands.count == 1 else {
                throw UsageError(message: "one code or builtin at a time, not `\(options.operands[1])` as well")
            }
            return try explainWord(word)
        })

    private static func explainWord(_ word: String) throws(UsageError) -> ExitCode {
        if let page = BuiltinPages.page(for: word) {
            Terminal.standard.print(page)
            return .fine
        }
        guard let code = DiagnosticCode(rawValue: word.uppercased()), let page = Catalogue.page(for: code) else {
            let close =
                nearest(word.uppercased(), in: DiagnosticCode.allCases.map(\.rawValue))
                ?? nearest(word, in: BuiltinPages.names)
            throw UsageError(
                message: "there is no code or builtin `\(word)`",
                help: close.map { "did you mean `\($0)`?" } ?? "an event's file ends with .json")
        }
        Terminal.standard.print(page.markdown)
        return .fine
    }

    // An event.

    private static func explainEvent(_ path: String, _ options: CommandOptions) throws(UsageError) -> ExitCode {
        let asJSON = try options.choice("format", of: ["text", "json"]) == "json"
        let event: [UInt8]
        do throws(FileSystemError) {
            event = try FileSystem.readFile(path, bytesMax: 4 << 20)
        } catch {
            Terminal.standard.printError("patchbay: cannot read `\(path)`: \(error.reasonText)\n")
            return .problemsFound
        }
        let printer = try Printer(options)
        let folders = Folders(options, skipping: 1)
        let limits = try SourceFlags.limits(options)
        var apps = [folders.routes]
        if folders.routes.isEmpty {
            let found = (try? FileSystem.folders(in: "routes")) ?? []
            apps = found.isEmpty ? [["routes"]] : found.map { [$0] }
        }
        var isTaken = false
        var problem: EventExplanationError?
        var shown = 0
        for routes in apps {
            guard let deployment = compile(routes, folders.scripts, limits, printer) else { return .problemsFound }
            do throws(EventExplanationError) {
                let explanation = try EventExplainer.explain(event, deployment, topic: options.text("topic"))
                isTaken = isTaken || explanation.isTaken
                shown += 1
                let report = EventReport(
                    explanation: explanation, sources: deployment.sources,
                    isColoured: Terminal.standard.isOutputColoured, isUnicode: Terminal.standard.isUnicode)
                Terminal.standard.print(
                    asJSON ? String(decoding: report.json.serialized(), as: UTF8.self) + "\n" : report.text)
            } catch {
                // Of several apps some may have no such subscription.
                problem = error
            }
        }
        if shown == 0, let problem {
            Terminal.standard.printError("patchbay: \(path): \(problem.message)\n")
            if let help = problem.help { Terminal.standard.printError("  \(help)\n") }
        }
        return isTaken ? .fine : .problemsFound
    }

    private static func compile(
        _ routes: [String], _ scripts: [String], _ limits: EngineLimits, _ printer: Printer
    ) -> CompiledDeployment? {
        let reader = DeploymentReader(routeFolders: routes, scriptFolders: scripts, limits: limits)
        do throws(DeploymentReadError) {
            let result = Compiler.compile(try reader.read(), limits: limits.source, explaining: true)
            let errors = result.diagnostics.filter { $0.severity == .error }
            if !errors.isEmpty {
                Terminal.standard.printError(printer.renderer.render(errors, in: result.sources) + "\n")
            }
            return result.deployment
        } catch {
            Terminal.standard.printError(printer.renderer.render(error.diagnostics, in: SourceMap(files: [])) + "\n")
            return nil
        }
    }
}
