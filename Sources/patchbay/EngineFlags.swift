// EngineFlags.swift: the flags that say how an engine runs, shared by the commands that start one.

internal import Dapr
internal import Engine
internal import Glibc
internal import Machine
internal import Transport

enum EngineFlags {
    static let common: [Flag] = [
        Flag(name: "loops", value: "N", summary: "event loops, one thread each (default: one per core)"),
        Flag(name: "drain-timeout", value: "DURATION", summary: "how long SIGTERM waits for what is in flight (25s)"),
        Flag(name: "log-level", value: "LEVEL", summary: "debug, info, warn or error (info)"),
        Flag(name: "log-format", value: "text|json", summary: "the log for people, or one JSON object a line (text)"),
    ]

    static let sidecarPort = Flag(
        name: "dapr-http-port", value: "PORT", summary: "the sidecar's HTTP port (3500)", variables: ["DAPR_HTTP_PORT"])

    static let all: [Flag] =
        [
            Flag(name: "public-port", value: "PORT", summary: "what routes declare, for everyone (3000; 0: any free)"),
            Flag(name: "public-address", value: "ADDRESS", summary: "the address of the public port (0.0.0.0)"),
            Flag(
                name: "app-port", value: "PORT", summary: "what the sidecar calls; never expose it (3001)",
                variables: ["APP_PORT"]),
            Flag(name: "admin-port", value: "PORT", summary: "/healthz, /readyz, /generations (3002)"),
            Flag(
                name: "app-id", value: "ID", summary: "the Dapr app id (default: the routes folder's name)",
                variables: ["APP_ID"]),
            sidecarPort,
            Flag(
                name: "inbox-keep", value: "DURATION",
                summary: "how long `once` remembers an event in its database (7d)"),
        ] + limits + SourceFlags.all + common

    /// The limits of language.md section 11, but for those of the text.
    static let limits: [Flag] = [
        Flag(name: "fuel", value: "STEPS", summary: "steps that a run may take (1000000)"),
        Flag(name: "run-memory", value: "BYTES", summary: "bytes of values that a run may hold (67108864)"),
        Flag(name: "call-depth", value: "N", summary: "calls in calls of a run (64)"),
        Flag(name: "effects-in-flight", value: "N", summary: "effects of a run that wait at the same time (256)"),
        Flag(name: "effect-timeout", value: "DURATION", summary: "how long an effect may take (5s)"),
        Flag(
            name: "prepare-timeout", value: "DURATION",
            summary: "how long a reload waits for a database to check its SQL (2s)"),
        Flag(name: "event-bytes", value: "BYTES", summary: "bytes of an event or request body (4194304)"),
        Flag(name: "json-depth", value: "N", summary: "lists and objects inside each other in JSON that is read (128)"),
    ]

    static func limits(_ options: CommandOptions) throws(UsageError) -> EngineLimits {
        var limits = EngineLimits.standard
        if let steps = try options.integer("fuel", in: 1...1_000_000_000) { limits.run.fuelSteps = UInt32(steps) }
        if let bytes = try options.integer("run-memory", in: 65_536...2_147_483_648) {
            limits.run.arenaBytesMax = UInt32(bytes)
        }
        if let depth = try options.integer("call-depth", in: 1...1024) { limits.run.callDepthMax = UInt16(depth) }
        if let count = try options.integer("effects-in-flight", in: 1...4096) {
            limits.run.effectsInFlightMax = UInt16(count)
        }
        if let time = try options.duration("effect-timeout") { limits.effectTimeoutNanoseconds = time }
        if let time = try options.duration("prepare-timeout") { limits.prepareTimeoutNanoseconds = time }
        if let bytes = try options.integer("event-bytes", in: 1024...1_073_741_824) { limits.bodyBytesMax = bytes }
        if let depth = try options.integer("json-depth", in: 8...Int(FiberLimits.jsonDepthCeiling)) {
            limits.run.jsonDepthMax = UInt16(depth)
        }
        try SourceFlags.read(options, into: &limits)
        return limits
    }

    static func loops(_ options: CommandOptions) throws(UsageError) -> Int {
        try options.integer("loops", in: 1...256) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Where the sidecar is, by the flag or Dapr's own variables.
    static func sidecar(_ options: CommandOptions) throws(UsageError) -> SidecarEndpoint {
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
        return sidecar
    }

    static func configuration(_ options: CommandOptions, _ folders: Folders) throws(UsageError) -> EngineConfiguration {
        var configuration = EngineConfiguration(
            appID: options.text("app-id") ?? Folders.lastComponent(folders.routes.first ?? "app"),
            routeFolders: folders.routes, scriptFolders: folders.scripts, sidecar: try sidecar(options),
            loopCount: try loops(options))
        configuration.publicPort = try options.port("public-port", standard: configuration.publicPort)
        configuration.appPort = try options.port("app-port", standard: configuration.appPort)
        configuration.adminPort = try options.port("admin-port", standard: configuration.adminPort)
        if let address = options.text("public-address") { configuration.publicAddress = address }
        if let keep = try options.duration("inbox-keep") { configuration.inboxKeepNanoseconds = keep }
        configuration.limits = try limits(options)
        if let drain = try options.duration("drain-timeout") { configuration.drainTimeoutNanoseconds = drain }
        return configuration
    }
}
