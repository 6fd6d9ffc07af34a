// Log+JSON.swift: `--log-format json`: one object a line, for collectors.
//
// Every line has `time`, `level` and `message`, and `app` where several share a process. A diagnostic adds `code`, `path`,
// `line` and `column`, and all of it under `diagnostic`; a fault also what OutcomeReport.swift says of the run.

internal import Diagnostics
internal import Machine

extension Log {
    func writeJSON(_ level: LogLevel, _ message: String, _ fields: [(name: String, value: JSON)]) {
        var members = [
            JSON.Member("time", .string(Timestamp.now())), JSON.Member("level", .string(level.name)),
            JSON.Member("message", .string(message)),
        ]
        if !label.isEmpty { members.append(JSON.Member("app", .string(label))) }
        // A field never hides one of ours.
        let taken = Set(members.map(\.key))
        for (name, value) in fields {
            members.append(JSON.Member(taken.contains(name) ? "\(name)_" : name, value))
        }
        put(String(decoding: JSON.object(members).serialized(), as: UTF8.self) + "\n")
    }

    /// - Parameter circumstances: of a fault: the event, the route, what was already done.
    func writeJSON(_ diagnostic: Diagnostic, in sources: SourceMap, _ circumstances: [(name: String, value: JSON)]) {
        var fields: [(name: String, value: JSON)] = [("code", .string(diagnostic.code.rawValue))]
        if let range = diagnostic.primary?.range, Int(range.file.rawValue) < sources.files.count {
            let file = sources[range.file]
            let (line, column) = file.position(at: range.start)
            fields += [("path", .string(file.path)), ("line", .int(Int64(line))), ("column", .int(Int64(column)))]
        }
        fields += circumstances
        if let whole = try? JSON.parse(Array(JSONRenderer().render(diagnostic, in: sources).utf8)) {
            fields.append(("diagnostic", whole))
        }
        writeJSON(diagnostic.severity == .warning ? .warn : .error, diagnostic.title, fields)
    }
}
