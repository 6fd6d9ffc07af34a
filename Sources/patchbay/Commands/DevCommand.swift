// DevCommand.swift: `patchbay dev`: everything on one machine.

internal import DevEnvironment
internal import Diagnostics
internal import Engine
internal import Transport

extension Command {
    static let dev = Command(
        name: "dev", operands: "ROUTES… [options]",
        summary: "Run apps on this machine, each with an embedded sidecar, and a private PostgreSQL.\n"
            + "Each ROUTES folder is an app, called as the folder.",
        flags: [
            Folders.flag,
            Flag(name: "ports-from", value: "PORT", summary: "the first app's public port (3000; 0: any free)"),
            Flag(name: "state-dir", value: "FOLDER", summary: "where data lives (.patchbay)"),
            Flag(
                name: "resources-path", value: "FOLDER",
                summary: "Dapr's component files (k8s/local/components)"),
            Flag(name: "database", value: "URL", summary: "a PostgreSQL of your own instead of a private one"),
            Flag(name: "format", value: "text|json", summary: "how readiness is told (text)"),
        ] + EngineFlags.limits + SourceFlags.all + EngineFlags.common,
        action: { (options, control) async throws(UsageError) in try await runSession(options, control) })

    private static func configuration(_ options: CommandOptions) throws(UsageError) -> DevConfiguration {
        let folders = Folders(options)
        guard !folders.routes.isEmpty else {
            throw UsageError(
                message: "which apps?", help: "for example: patchbay dev routes/inventory routes/products")
        }
        guard folders.routes.count <= PortPlan.appsMax else {
            throw UsageError(message: "a session has at most \(PortPlan.appsMax) apps")
        }
        var configuration = DevConfiguration(
            routeFolders: folders.routes, scriptFolders: folders.scripts,
            resourceFolders: [options.text("resources-path") ?? "k8s/local/components"],
            loopCount: try EngineFlags.loops(options))
        configuration.portBase = try options.port("ports-from", standard: configuration.portBase)
        guard configuration.portBase <= 60_000 else {
            throw UsageError(message: "`--ports-from` is at most 60000, so that the block of ports fits")
        }
        if let folder = options.text("state-dir") { configuration.stateFolder = folder }
        configuration.database = options.text("database")
        configuration.limits = try EngineFlags.limits(options)
        if let drain = try options.duration("drain-timeout") { configuration.drainTimeoutNanoseconds = drain }
        return configuration
    }

    private static func runSession(_ options: CommandOptions, _ control: ControlLoop) async throws(UsageError)
        -> ExitCode
    {
        let format = try options.choice("format", of: ["text", "json"]) ?? "text"
        let printer = try Printer(options)
        let session = DevSession(
            configuration: try configuration(options), control: control.loop, background: control.background,
            renderer: printer.renderer, environment: ProcessEnvironment.all, makeLog: { printer.log(label: $0) })
        let outcome = StartOutcome()
        let isStarted = await control.unlessStopped {
            do throws(DevError) { try await session.start() } catch { outcome.error = error }
        }
        if let error = outcome.error {
            await session.stop()
            return printer.say(error)
        }
        guard isStarted else {
            await session.stop()
            return .fine
        }
        Terminal.standard.print(format == "json" ? session.readyLine + "\n" : account(of: session.apps))
        await control.untilStopped()
        await session.stop()
        return .fine
    }

    /// SAFETY: touched by tasks of the control loop only.
    private final class StartOutcome: @unchecked Sendable {
        var error: DevError?
    }

    private static func account(of apps: [DevApp]) -> String {
        var text = "\nReady.\n"
        for app in apps {
            text += """

                \(app.name)
                  public   \(app.publicURL)
                  admin    \(app.adminURL)/generations
                  sidecar  \(app.sidecarURL)

                """
        }
        return text + "\nSave a .bay file and the next event follows it. Ctrl-C ends everything.\n"
    }
}

extension Printer {
    /// Says why a session cannot start; what the process ends with.
    func say(_ error: DevError) -> ExitCode {
        switch error {
        case .engine(let app, let reason):
            if case .deploymentRejected(let errors) = reason {
                log(label: app).error("not started: \(errors) \(errors == 1 ? "error" : "errors") in its deployment")
            }
            return say(reason, portOptions: ["--ports-from"])
        case .sidecar(let app, let reason):
            say(
                .sidecarCannotStart, "the sidecar of `\(app)` cannot start: \(reason)",
                help: ["its components are in `--resources-path`; its port moves with `--ports-from`"])
            return .notReachable
        case .database(let diagnostic):
            say(diagnostic.code, diagnostic.title, help: diagnostic.help)
            return .notReachable
        case .stateFolder(let path, let reason):
            say(.folderUnreadable, "cannot write `\(path)`: \(reason)", help: ["name another place with `--state-dir`"])
            return .notReachable
        case .twoAppsOfOneName(let name):
            say(.appNameTaken, "two folders are called `\(name)`: an app is called as its folder")
            return .problemsFound
        }
    }
}
