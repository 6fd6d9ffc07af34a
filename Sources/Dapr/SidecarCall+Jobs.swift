// SidecarCall+Jobs.swift: the jobs that routes declare: put one, look at one, delete one.
//
// The trial version of the path is known to every sidecar that has jobs at all; the stable one since 1.18 alone.
// Source: contract, section 3.6. Neighbours: SidecarCall+ScheduledJobs.swift
// (jobs of handlers), Engine/ScheduledJobs (keeps the jobs of the routes).

internal import DaprContract
internal import Machine
internal import Transport
internal import Wire

extension SidecarCall {
    private static func job(_ method: HTTPMethod, _ name: String, body: [UInt8] = []) -> SidecarCall {
        SidecarCall(
            method: method, target: SidecarPath.jobs + segment(name), headers: body.isEmpty ? [] : [jsonContent],
            body: body, isRepeatable: true, kind: .scheduledJob(name: name, isCancelled: method == .delete))
    }

    static func job(_ name: String) -> SidecarCall { job(.get, name) }
    static func deleteJob(_ name: String) -> SidecarCall { job(.delete, name) }

    /// Replaces a job of this name.
    static func scheduleJob(_ name: String, schedule: String) -> SidecarCall {
        let body: JSON = [JobField.schedule: .string(schedule), JobField.overwrite: true]
        return job(.post, name, body: body.serialized())
    }
}

extension SidecarClient {
    /// Nil when there is no such job, or none can be asked for.
    package func schedule(ofJob name: String, within limit: Duration) async -> String? {
        guard let response = try? await send(.job(name), within: limit),
            let job = try? JSON.parse(response.body.bytes)
        else { return nil }
        return job[JobField.schedule]?.string
    }

    package func scheduleJob(_ name: String, schedule: String, within limit: Duration) async throws(EffectFailure) {
        _ = try await send(.scheduleJob(name, schedule: schedule), within: limit)
    }

    package func deleteJob(_ name: String, within limit: Duration) async throws(EffectFailure) {
        _ = try await send(.deleteJob(name), within: limit)
    }
}
