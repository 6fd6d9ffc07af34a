// RunCommand.swift: `patchbay run`: the engine beside a Dapr sidecar.

internal import Dapr
internal import Engine
internal import Transport

extension Command {
    static let run = Command(
        name: "run", operands: "ROUTES… [scripts] [options]",
        summary: "Run the engine beside a Dapr sidecar.\nROUTES is an app's folder, such as routes/inventory.",
        flags: EngineFlags.all + [Folders.flag],
        action: { (options, control) async throws(UsageError) in try await runEngine(options, control) })

    private static func runEngine(_ options: CommandOptions, _ control: ControlLoop) async throws(UsageError)
        -> ExitCode
    {
        let folders = Folders(options)
        guard !folders.routes.isEmpty else {
            throw UsageError(message: "which routes?", help: "for example: patchbay run routes/inventory scripts")
        }
        let configuration = try EngineFlags.configuration(options, folders)
        let printer = try Printer(options)
        let engine = Engine(
            configuration: configuration, control: control.loop, background: control.background,
            log: printer.log(label: ""), renderer: printer.renderer, environment: ProcessEnvironment.all)
        let ports: Engine.Ports
        do throws(EngineStartError) {
            try await engine.load()
            ports = try engine.listen()
        } catch {
            return printer.say(error, portOptions: ["--public-port", "--app-port", "--admin-port"])
        }
        let log = printer.log(label: "")
        log.info(
            "listening",
            [
                ("public", "\(configuration.publicAddress):\(ports.publicPort)"),
                ("app", "\(configuration.localAddress):\(ports.appPort)"),
                ("admin", "\(configuration.localAddress):\(ports.adminPort)"),
                ("loops", "\(configuration.loopCount)"),
            ])
        let waiting = Task(executorPreference: control.loop) {
            await engine.waitForSidecar()
            if !Task.isCancelled {
                log.info("ready", [("sidecar", "\(configuration.sidecar.host):\(configuration.sidecar.port)")])
                await engine.warnOfDoubleDelivery()
            }
        }
        await control.untilStopped()
        waiting.cancel()
        log.info("stopping: finishing what is in flight")
        await engine.stop()
        return .fine
    }
}
