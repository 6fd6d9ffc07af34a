// Log.swift: lines for people and collectors, on standard error.
//
// Shape: `2026-11-21T10:00:00.123Z level  message key=value …`, values with blanks quoted; or as JSON, one object a line
// (Log+JSON.swift). One write a line, so that lines of several threads do not mix.

package import Diagnostics
internal import Glibc
internal import Machine
internal import Transport

package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warn, error
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var name: String { "\(self)" }
}

package enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}

/// Where lines go. A value: copied to every loop.
package struct Log: Sendable {
    package let format: LogFormat
    /// Lines below this are not written.
    package let threshold: LogLevel
    /// Put before the message: the app's id, where several share one terminal.
    package let label: String
    private let sink: @Sendable (String) -> Void

    /// - Parameter sink: takes whole lines, newline included, from any thread.
    package init(
        threshold: LogLevel = .info, label: String = "", format: LogFormat = .text,
        sink: @escaping @Sendable (String) -> Void = { StandardStream.error.write($0) }
    ) {
        self.threshold = threshold
        self.label = label
        self.format = format
        self.sink = sink
    }

    package func debug(_ message: String, _ fields: [(String, String)] = []) { write(.debug, message, fields) }
    package func info(_ message: String, _ fields: [(String, String)] = []) { write(.info, message, fields) }
    package func warn(_ message: String, _ fields: [(String, String)] = []) { write(.warn, message, fields) }
    package func error(_ message: String, _ fields: [(String, String)] = []) { write(.error, message, fields) }

    package func write(_ level: LogLevel, _ message: String, _ fields: [(String, String)]) {
        guard level >= threshold else { return }
        guard format == .text else { return writeJSON(level, message, fields.map { ($0, .string($1)) }) }
        var line = Timestamp.now()
        line += " "
        line += level.name
        line += String(repeating: " ", count: 6 - level.name.utf8.count)
        if !label.isEmpty { line += "\(label): " }
        line += message
        for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
        line += "\n"
        sink(line)
    }

    /// What is wrong with a deployment, as blocks for people or as lines for programs.
    package func diagnostics(_ diagnostics: [Diagnostic], in sources: SourceMap, _ renderer: TextRenderer) {
        guard !diagnostics.isEmpty else { return }
        guard format == .text else {
            for diagnostic in diagnostics { writeJSON(diagnostic, in: sources, []) }
            return
        }
        let text = renderer.render(diagnostics, in: sources)
        sink(text.hasSuffix("\n") ? text : text + "\n")
    }

    /// A whole line, its end included.
    func put(_ line: String) { sink(line) }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7f }
        if isPlain { return value }
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// RFC 3339 text of instants, UTC, milliseconds.
package enum Timestamp {
    package static func now() -> String {
        var instant = timespec()
        clock_gettime(CLOCK_REALTIME, &instant)
        return text(seconds: Int(instant.tv_sec), milliseconds: Int(instant.tv_nsec) / 1_000_000)
    }

    static func text(seconds: Int, milliseconds: Int) -> String {
        var clock = time_t(seconds)
        var parts = tm()
        gmtime_r(&clock, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(time).\(padded(milliseconds, 3))Z"
    }
}
