// SendCommand.swift: `patchbay send widget.json`: publishes a CloudEvent through a sidecar.

internal import Dapr
internal import Machine
internal import Transport
internal import Wire

extension Command {
    static let send = Command(
        name: "send", operands: "EVENT.json… [options]",
        summary: "Publish CloudEvents through a sidecar's API.",
        flags: [
            Flag(name: "topic", value: "PUBSUB/TOPIC", summary: "where to (pubsub/inventory)"),
            Flag(
                name: "dapr-http-port", value: "PORT", summary: "the sidecar's HTTP port (3500)",
                variables: ["DAPR_HTTP_PORT"]),
        ],
        action: { (options, control) async throws(UsageError) in try await sendEvents(options, control) })

    private static func sendEvents(_ options: CommandOptions, _ control: ControlLoop) async throws(UsageError)
        -> ExitCode
    {
        guard !options.operands.isEmpty else {
            throw UsageError(message: "which event?", help: "for example: patchbay send events/widget.json")
        }
        let destination = options.text("topic") ?? "pubsub/inventory"
        let parts = destination.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw UsageError(
                message: "`--topic` is `PUBSUB/TOPIC`, for example `pubsub/inventory`, not `\(destination)`")
        }
        let port = try options.port("dapr-http-port", standard: 3500)
        let client = HTTPClient(loop: control.loop, options: .standard)
        defer { client.close() }
        let target = "/v1.0/publish/\(PercentCoding.segment(parts[0]))/\(PercentCoding.segment(parts[1]))"
        for path in options.operands {
            let body: [UInt8]
            do throws(FileSystemError) {
                body = try FileSystem.readFile(path, bytesMax: 4 << 20)
            } catch {
                Terminal.standard.printError("patchbay: cannot read `\(path)`: \(error.reasonText)\n")
                return .problemsFound
            }
            let request = HTTPClientRequest(
                origin: HTTPOrigin(host: "127.0.0.1", port: Int(port)), method: .post, target: target,
                headers: [("content-type", "application/cloudevents+json")], body: body)
            do throws(HTTPClientError) {
                let reply = try await client.send(request, within: .seconds(10))
                guard reply.status == 204 || reply.status == 200 else {
                    Terminal.standard.printError(
                        "patchbay: \(path) was refused (\(reply.status)): \(reply.body.text)\n")
                    return .problemsFound
                }
                Terminal.standard.print("sent \(path) to \(destination)\n")
            } catch {
                Terminal.standard.printError("patchbay: \(error)\n")
                return .notReachable
            }
        }
        return .fine
    }
}
