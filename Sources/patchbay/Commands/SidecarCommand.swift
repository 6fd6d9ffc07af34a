// SidecarCommand.swift: `patchbay sidecar`: the embedded sidecar alone, for an app that runs elsewhere.

internal import DevEnvironment
internal import Diagnostics
internal import Engine
internal import Sidecar
internal import Transport

extension Command {
    static let sidecar = Command(
        name: "sidecar", operands: "[options]",
        summary: "Run the embedded Dapr-compatible sidecar alone.",
        flags: [
            Flag(name: "app-id", value: "ID", summary: "the app's id (app)", variables: ["APP_ID"]),
            Flag(
                name: "app-port", value: "PORT", summary: "where the app listens (default: there is no app)",
                variables: ["APP_PORT"]),
            Flag(
                name: "dapr-http-port", value: "PORT", summary: "the HTTP API (3500; 0: any free)",
                variables: ["DAPR_HTTP_PORT"]),
            Flag(name: "resources-path", value: "FOLDER", summary: "Dapr's component files (k8s/local/components)"),
            Flag(name: "state-dir", value: "FOLDER", summary: "where relative paths in components begin (here)"),
            Flag(name: "log-level", value: "LEVEL", summary: "debug, info, warn or error (info)"),
        ],
        action: { (options, control) async throws(UsageError) in try await runSidecar(options, control) })

    private static func runSidecar(_ options: CommandOptions, _ control: ControlLoop) async throws(UsageError)
        -> ExitCode
    {
        let printer = try Printer(options)
        var configuration = SidecarConfiguration(
            appID: options.text("app-id") ?? "app", appPort: try options.integer("app-port", in: 1...65_535),
            httpPort: Int(try options.port("dapr-http-port", standard: 3500)),
            resourceFolders: [options.text("resources-path") ?? "k8s/local/components"])
        configuration.workingFolder = options.text("state-dir") ?? ""
        configuration.apiToken = ProcessEnvironment.all["DAPR_API_TOKEN"]
        configuration.appToken = ProcessEnvironment.all["APP_API_TOKEN"]
        let log = printer.log(label: "sidecar")
        configuration.log = { entry in log.write(entry.level.logLevel, entry.message, []) }
        configuration.shutdownRequested = { control.loop.execute { control.stop() } }
        let sidecar: EmbeddedSidecar
        do throws(SidecarStartError) {
            sidecar = try EmbeddedSidecar.start(configuration, broker: SharedBroker(), apps: AppRegistry())
        } catch {
            printer.say(.sidecarCannotStart, "the sidecar cannot start: \(error.description)")
            return .notReachable
        }
        await control.untilStopped()
        await sidecar.stop(drainingAtMost: .seconds(25))
        return .fine
    }
}
