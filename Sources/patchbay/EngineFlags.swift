// EngineFlags.swift: the flags that say how an engine runs, shared by the commands that start one.

internal import Dapr
internal import Engine
internal import Glibc
internal import Transport

enum EngineFlags {
    static let common: [Flag] = [
        Flag(name: "loops", value: "N", summary: "event loops, one thread each (default: one per core)"),
        Flag(name: "drain-timeout", value: "DURATION", summary: "how long SIGTERM waits for what is in flight (25s)"),
        Flag(name: "log-level", value: "LEVEL", summary: "debug, info, warn or error (info)"),
    ]

    static let all: [Flag] = [
        Flag(name: "public-port", value: "PORT", summary: "what routes declare, for everyone (3000; 0: any free)"),
        Flag(name: "public-address", value: "ADDRESS", summary: "the address of the public port (0.0.0.0)"),
        Flag(
            name: "app-port", value: "PORT", summary: "what the sidecar calls; never expose it (3001)",
            variables: ["APP_PORT"]),
        Flag(name: "admin-port", value: "PORT", summary: "/healthz, /readyz, /generations (3002)"),
        Flag(name: "app-id", value: "ID", summary: "the Dapr app id (default: the routes folder's name)", variables: ["APP_ID"]),
        Flag(
            name: "dapr-http-port", value: "PORT", summary: "the sidecar's HTTP port (3500)",
            variables: ["DAPR_HTTP_PORT"]),
    ] + common

    static func loops(_ options: CommandOptions) throws(UsageError) -> Int {
        try options.integer("loops", in: 1...256) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    static func configuration(_ options: CommandOptions, _ folders: Folders) throws(UsageError) -> EngineConfiguration {
        var sidecar: SidecarEndpoint
        do throws(SidecarEndpointError) {
            sidecar = try SidecarEndpoint(environment: ProcessEnvironment.all)
        } catch {
            throw UsageError(message: error.description)
        }
        if options.isGiven("dapr-http-port") {
            sidecar.port = try options.port("dapr-http-port", standard: sidecar.port)
            sidecar.host = SidecarEndpoint().host
        }
        var configuration = EngineConfiguration(
            appID: options.text("app-id") ?? Folders.lastComponent(folders.routes.first ?? "app"),
            routeFolders: folders.routes, scriptFolders: folders.scripts, sidecar: sidecar,
            loopCount: try loops(options))
        configuration.publicPort = try options.port("public-port", standard: configuration.publicPort)
        configuration.appPort = try options.port("app-port", standard: configuration.appPort)
        configuration.adminPort = try options.port("admin-port", standard: configuration.adminPort)
        if let address = options.text("public-address") { configuration.publicAddress = address }
        if let drain = try options.duration("drain-timeout") { configuration.drainTimeoutNanoseconds = drain }
        return configuration
    }
}
