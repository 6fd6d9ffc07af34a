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
        ],
        action: { (options, _) async throws(UsageError) in try checkDeployments(options) })

    private static func checkDeployments(_ options: CommandOptions) throws(UsageError) -> ExitCode {
        let format = try options.choice("format", of: ["text", "json"]) ?? "text"
        let printer = try Printer(options)
        let folders = Folders(options)
        var deployments = [folders.routes]
        if folders.routes.isEmpty {
            guard let found = try? FileSystem.folders(in: "routes"), !found.isEmpty else {
                throw UsageError(
                    message: "there is no folder in `routes` to check", help: "name one: patchbay check routes/inventory")
            }
            deployments = found.sorted().map { [$0] }
        }
        var shown = Set<String>()
        var errors = 0
        var warnings = 0
        for routes in deployments {
            let (diagnostics, sources) = check(routes: routes, scripts: folders.scripts)
            // Several apps share one scripts folder: what one of them has shown is not shown again.
            let new = diagnostics.filter { shown.insert(Self.key($0, sources)).inserted }
            errors += new.count { $0.severity == .error }
            warnings += new.count { $0.severity == .warning }
            if format == "json" {
                Terminal.standard.print(JSONRenderer().render(new, in: sources))
            } else {
                Terminal.standard.printError(printer.renderer.render(new, in: sources))
            }
        }
        if format == "text" {
            Terminal.standard.printError("\(count(errors, "error")), \(count(warnings, "warning"))\n")
        }
        return errors == 0 ? .fine : .problemsFound
    }

    private static func check(routes: [String], scripts: [String]) -> ([Diagnostic], SourceMap) {
        let reader = DeploymentReader(routeFolders: routes, scriptFolders: scripts, limits: .standard)
        do throws(DeploymentReadError) {
            let result = Compiler.compile(try reader.read())
            return (result.diagnostics, result.sources)
        } catch {
            return (error.diagnostics, SourceMap(files: []))
        }
    }

    private static func key(_ diagnostic: Diagnostic, _ sources: SourceMap) -> String {
        "\(diagnostic.code.rawValue) \(diagnostic.primary.map { sources.place(of: $0.range) } ?? "") \(diagnostic.title)"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
