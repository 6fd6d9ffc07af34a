// CheckCommand.swift: `patchbay check`: all errors of a deployment, without running it.

internal import Diagnostics
internal import Engine
internal import Language
internal import Transport

extension Command {
    static let check = Command(
        name: "check", operands: "[ROUTES…] [scripts] [options]",
        summary: "Show every error of a deployment.\nWithout folders, each of routes/* is checked with scripts.",
        flags: [
            Folders.flag,
            Flag(name: "format", value: "text|json", summary: "how diagnostics are written (text)"),
        ] + DatabaseQuestions.flags + SourceFlags.all,
        action: { (options, control) async throws(UsageError) in try await checkDeployments(options, control) })

    private static func checkDeployments(
        _ options: CommandOptions, _ control: ControlLoop
    ) async throws(UsageError) -> ExitCode {
        let format = try options.choice("format", of: ["text", "json"]) ?? "text"
        let printer = try Printer(options)
        let folders = Folders(options)
        let questions = try DatabaseQuestions(options)
        let limits = try SourceFlags.limits(options)
        var deployments = [folders.routes]
        if folders.routes.isEmpty {
            let found = (try? FileSystem.folders(in: "routes")) ?? []
            // Without folders in it, `routes` is itself looked at: it is one app's, or the reader says what is missing.
            deployments = found.isEmpty ? [["routes"]] : found.map { [$0] }
        }
        var shown = Set<String>()
        var findings = Findings()
        var databases: Set<String> = []
        // A handler that one app does not reach, another may: only what none reaches is worth a word.
        var unreached: [String: (left: Int, Diagnostic, SourceMap)] = [:]
        for routes in deployments {
            let checked = await check(routes: routes, scripts: folders.scripts, limits, questions, control)
            databases.formUnion(checked.databases)
            // Several apps share one scripts folder: what one of them has shown is not shown again.
            let new = checked.diagnostics.filter { shown.insert(key($0, checked.sources)).inserted }
            findings.add(new, checked.sources)
            for diagnostic in checked.unreached {
                let key = key(diagnostic, checked.sources)
                unreached[key] = ((unreached[key]?.left ?? deployments.count) - 1, diagnostic, checked.sources)
            }
        }
        if findings.errors == 0 { try questions?.checkNames(among: databases) }
        for (_, entry) in unreached.sorted(by: { $0.key < $1.key }) where entry.left == 0 {
            findings.add([entry.1], entry.2)
        }
        if format == "json" {
            for (diagnostics, sources) in findings.parts {
                Terminal.standard.print(JSONRenderer().render(diagnostics, in: sources))
            }
        } else {
            for (diagnostics, sources) in findings.parts {
                Terminal.standard.printError(printer.renderer.render(diagnostics, in: sources) + "\n")
            }
            Terminal.standard.printError(
                "\(count(findings.errors, "error")), \(count(findings.warnings, "warning"))\n")
        }
        if findings.isPartial { return .notReachable }
        return findings.errors == 0 ? .fine : .problemsFound
    }

    /// What several deployments showed, each with its own sources.
    private struct Findings {
        var parts: [([Diagnostic], SourceMap)] = []
        var errors = 0
        var warnings = 0
        /// A database was not asked: what is not shown may be wrong all the same.
        var isPartial = false

        mutating func add(_ diagnostics: [Diagnostic], _ sources: SourceMap) {
            guard !diagnostics.isEmpty else { return }
            parts.append((diagnostics, sources))
            errors += diagnostics.count { $0.severity == .error }
            warnings += diagnostics.count { $0.severity == .warning }
            if diagnostics.contains(where: { $0.code == .databaseNotAsked }) { isPartial = true }
        }
    }

    private struct Checked {
        let diagnostics: [Diagnostic]
        let unreached: [Diagnostic]
        let sources: SourceMap
        /// By name; none when there are errors.
        var databases: [String] = []
    }

    private static func check(
        routes: [String], scripts: [String], _ limits: EngineLimits, _ questions: DatabaseQuestions?,
        _ control: ControlLoop
    ) async -> Checked {
        let reader = DeploymentReader(routeFolders: routes, scriptFolders: scripts, limits: limits)
        do throws(DeploymentReadError) {
            let result = Compiler.compile(try reader.read(), limits: limits.source)
            var diagnostics = result.diagnostics
            if let deployment = result.deployment {
                diagnostics += StatementAnswers.impossible(in: deployment)
                if let questions { diagnostics += await questions.ask(about: deployment, control.loop) }
                diagnostics.sort(by: Diagnostic.isBefore)
            }
            return Checked(
                diagnostics: diagnostics, unreached: result.unreachedHandlers, sources: result.sources,
                databases: result.deployment?.resources.filter { $0.kind == .database }.map(\.name) ?? [])
        } catch {
            return Checked(diagnostics: error.diagnostics, unreached: [], sources: SourceMap(files: []))
        }
    }

    private static func key(_ diagnostic: Diagnostic, _ sources: SourceMap) -> String {
        "\(diagnostic.code.rawValue) \(diagnostic.primary.map { sources.place(of: $0.range) } ?? "") \(diagnostic.title)"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
