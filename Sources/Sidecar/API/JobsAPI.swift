// JobsAPI.swift: `/v1.0/jobs/{name}`, and the same in its trial version. Source: contract 3.6.

internal import DaprContract
internal import Machine
internal import Transport

struct JobsAPI {
    /// Nil when there is no app that could be called.
    let scheduler: JobScheduler?

    func schedule(_ name: String, body: [UInt8]) throws(APIError) -> APIReply {
        let scheduler = try open(name)
        let (job, isOverwriting) = try JSONText.read(body) { root throws(APIError) in
            (try Self.job(root, name), root[JobField.overwrite]?.bool ?? false)
        }
        guard isOverwriting || scheduler[name] == nil else {
            throw APIError(.schedulerScheduleJob, "job `\(name)` exists already; set `overwrite` to replace it")
        }
        guard scheduler[name] != nil || scheduler.count < JobScheduler.jobsMax else {
            throw APIError(.schedulerScheduleJob, "there are \(JobScheduler.jobsMax) jobs already")
        }
        scheduler.put(job, named: name)
        return .noContent
    }

    func get(_ name: String) throws(APIError) -> APIReply {
        guard let job = try open(name)[name] else {
            throw APIError(.schedulerGetJob, "there is no job `\(name)`")
        }
        return .json(job.text)
    }

    func delete(_ name: String) throws(APIError) -> APIReply {
        try open(name).remove(name)
        return .noContent
    }

    private func open(_ name: String) throws(APIError) -> JobScheduler {
        guard !name.isEmpty else { throw APIError(.schedulerJobNameEmpty, "the name of the job is empty") }
        guard let scheduler else {
            throw APIError(.schedulerScheduleJob, "this sidecar has no app that a job could be given to")
        }
        return scheduler
    }

    private static func job(_ root: JSONPart, _ name: String) throws(APIError) -> ScheduledJob {
        guard root.isObject else { throw .malformed("a job is a JSON object") }
        guard root["name"] == nil else {
            throw APIError(.schedulerJobName, "the name of a job stands in the path alone")
        }
        let schedule = try schedule(root[JobField.schedule]?.string)
        let due = try moment(root[JobField.dueTime]?.string, JobField.dueTime)
        guard schedule != nil || due != nil else {
            throw APIError(.schedulerScheduleEmpty, "a job has a `schedule`, a `dueTime` or both")
        }
        var job = ScheduledJob(
            schedule: schedule, due: due, repeats: root[JobField.repeats]?.int,
            expires: try moment(root[JobField.ttl]?.string, JobField.ttl), data: root[JobField.data]?.text ?? [],
            text: [])
        job.failure = try failure(root[JobField.failurePolicy])
        job.text = JSONText.object { object in
            object.add("name", text: name)
            for (key, part) in root.entries where key != JobField.overwrite { object.add(key, raw: part.text) }
        }
        return job
    }

    private static func schedule(_ text: String?) throws(APIError) -> Schedule? {
        guard let text, !text.isEmpty else { return nil }
        do throws(Schedule.Problem) {
            return try Schedule(text)
        } catch {
            throw APIError(.schedulerScheduleJob, "the schedule `\(text)` cannot be read: \(error.message)")
        }
    }

    /// RFC 3339, or a duration from now; nanoseconds since 1970.
    private static func moment(_ text: String?, _ field: String) throws(APIError) -> Int64? {
        guard let text, !text.isEmpty else { return nil }
        if let time = CalendarTime(rfc3339: text) { return time.millisecondsSince1970 * 1_000_000 }
        if let wait = GoText.duration(text) {
            return CalendarTime.now().millisecondsSince1970 * 1_000_000 + Int64(wait.wholeNanoseconds)
        }
        throw APIError(.schedulerScheduleJob, "`\(field)` is `\(text)`, neither a time nor a duration")
    }

    private static func failure(_ part: JSONPart?) throws(APIError) -> ScheduledJob.Failure {
        guard let part else { return .standard }
        if part["drop"] != nil { return .drop }
        guard let constant = part["constant"] else { return .standard }
        let interval = constant["interval"]?.string.map { GoText.duration($0) } ?? .seconds(0)
        guard let interval else { throw .malformed("`interval` is no duration") }
        return .again(interval: interval, retriesMax: constant["maxRetries"]?.int)
    }
}
