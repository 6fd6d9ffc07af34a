// BytecodeListing.swift: `patchbay explain --bytecode`: what handlers, functions and rules become for the machine.
//
// Neighbours: ExplainCommand.swift (calls it), Machine/Disassembly.swift (writes a function), Folders.swift.

internal import Diagnostics
internal import Engine
internal import Language
internal import Machine
internal import Transport

enum BytecodeListing {
    /// Prints the functions of the deployments in these folders; of those named, when some are.
    static func print(_ options: CommandOptions) throws(UsageError) -> ExitCode {
        let folders = Folders(options)
        let names = folders.routes.filter { !FileSystem.isDirectory($0) }
        var routes = folders.routes.filter { FileSystem.isDirectory($0) }
        if routes.isEmpty { routes = (try? FileSystem.folders(in: "routes")) ?? [] }
        if routes.isEmpty { routes = ["routes"] }
        var known: Set<String> = []
        var printed: Set<String> = []
        for folder in routes {
            guard let deployment = try compiled(folder, folders.scripts, options) else { return .problemsFound }
            for function in deployment.program.functions.sorted(by: { $0.entry < $1.entry }) {
                known.insert(function.name)
                guard names.isEmpty || names.contains(function.name) else { continue }
                let text = listing(of: function, in: deployment)
                // Apps share scripts: what is the same in both is shown once.
                guard printed.insert(text).inserted else { continue }
                Terminal.standard.print((printed.count == 1 ? "" : "\n") + text)
            }
        }
        for name in names where !known.contains(name) {
            let close = nearest(name, in: known.sorted())
            throw UsageError(
                message: "there is no folder, handler or function `\(name)` in \(routes.joined(separator: ", "))",
                help: close.map { "did you mean `\($0)`?" } ?? "only what a route reaches becomes code")
        }
        return .fine
    }

    private static func listing(of function: FunctionCode, in deployment: CompiledDeployment) -> String {
        let place = deployment.sources.place(of: function.range)
        let text = deployment.program.disassembly(of: function) { range in
            let file = deployment.sources[range.file]
            let index = file.lineIndex(at: range.start)
            let start = Int(file.lineStarts[index])
            let end = file.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? file.bytes.count
            return (
                index + 1, String(decoding: file.bytes[start..<end].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            )
        }
        return "# \(place)\n\(text)"
    }

    /// Nil when the deployment has errors, which are shown.
    private static func compiled(
        _ routes: String, _ scripts: [String], _ options: CommandOptions
    ) throws(UsageError) -> CompiledDeployment? {
        let limits = try SourceFlags.limits(options)
        let reader = DeploymentReader(routeFolders: [routes], scriptFolders: scripts, limits: limits)
        let result: CompileResult
        do throws(DeploymentReadError) {
            result = Compiler.compile(try reader.read(), limits: limits.source)
        } catch {
            throw UsageError(message: error.diagnostics.first?.title ?? "\(routes) cannot be read")
        }
        if let deployment = result.deployment { return deployment }
        let errors = result.diagnostics.filter { $0.severity == .error }
        Terminal.standard.printError(try Printer(options).renderer.render(errors, in: result.sources) + "\n")
        return nil
    }
}
