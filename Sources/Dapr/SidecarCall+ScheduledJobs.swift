// SidecarCall+ScheduledJobs.swift: jobs that a handler schedules, and takes back.
//
// One of the same name is replaced: an event that is delivered again schedules again. Source: contract, section 3.6.

internal import DaprContract
package import Machine
internal import Wire

extension SidecarCall {
    /// Null when the scheduler has it.
    ///
    /// - Parameters:
    ///   - dueNanoseconds: until the first run, and between two of them
    ///   - data: any value; null sends none
    ///   - repeats: how often in all; nil is once
    package static func jobSchedule(
        name: String, dueNanoseconds: Int64, data: Value, repeats: Int64? = nil
    ) throws(EffectFailure) -> SidecarCall {
        guard dueNanoseconds > 0 else { throw EffectFailure(.invalid, "`due` of a job is longer than nothing") }
        guard repeats.map({ $0 > 0 }) ?? true else { throw EffectFailure(.invalid, "`repeats` of a job is 1 or more") }
        let wait = goText(ofNanoseconds: dueNanoseconds)
        var body = OutputBuffer()
        body.append("{")
        if let repeats {
            body.append("\"\(JobField.schedule)\":\"@every \(wait)\",\"\(JobField.repeats)\":\(repeats)")
        } else {
            body.append("\"\(JobField.dueTime)\":\"\(wait)\"")
        }
        if !data.isNull { try body.append(field: JobField.data, data) }
        body.append(",\"\(JobField.overwrite)\":true}")
        return SidecarCall(
            method: .post, target: try jobPath(name), headers: [jsonContent], body: body.array, isRepeatable: true,
            kind: .scheduledJob(name: name, isCancelled: false))
    }

    /// Null when it is gone, also when there was none.
    package static func jobCancel(name: String) throws(EffectFailure) -> SidecarCall {
        SidecarCall(
            method: .delete, target: try jobPath(name), isRepeatable: true,
            kind: .scheduledJob(name: name, isCancelled: true))
    }

    private static func jobPath(_ name: String) throws(EffectFailure) -> String {
        guard !name.isEmpty else { throw EffectFailure(.invalid, "the name of a job cannot be empty") }
        return SidecarPath.jobs + segment(name)
    }

    /// `600s`, `0.25s`: a duration as Go reads it.
    private static func goText(ofNanoseconds nanoseconds: Int64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest != 0 else { return "\(seconds)s" }
        var digits = String(rest + 1_000_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(seconds).\(digits)s"
    }
}
