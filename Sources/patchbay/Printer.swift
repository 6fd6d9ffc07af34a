// Printer.swift: how this process talks: its log, its diagnostics, and the errors that keep it from starting.

internal import Diagnostics
internal import Engine

struct Printer: Sendable {
    let renderer: TextRenderer
    private let threshold: LogLevel
    private let format: LogFormat

    init(_ options: CommandOptions) throws(UsageError) {
        renderer = TextRenderer(colour: Terminal.standard.isColoured, ascii: !Terminal.standard.isUnicode)
        let word = try options.choice("log-level", of: LogLevel.allCases.map(\.name)) ?? "info"
        threshold = LogLevel.allCases.first { $0.name == word } ?? .info
        let shape = try options.choice("log-format", of: LogFormat.allCases.map(\.rawValue)) ?? "text"
        format = LogFormat(rawValue: shape) ?? .text
    }

    /// - Parameter label: the app, where several share this process.
    func log(label: String) -> Log {
        Log(threshold: threshold, label: label, format: format)
    }

    /// A diagnostic without a place, for hosts and configurations.
    func say(_ code: DiagnosticCode, _ title: String, help: [String] = []) {
        let diagnostic = Diagnostic(code: code, title: title, primary: nil, help: help)
        Terminal.standard.printError(renderer.render([diagnostic], in: SourceMap(files: [])))
    }

    /// Says why an engine cannot start; what the process ends with.
    ///
    /// - Parameter portOptions: those of the command that move its ports.
    func say(_ error: EngineStartError, portOptions: [String]) -> ExitCode {
        switch error {
        case .deploymentRejected: return .problemsFound
        case .cannotListen(let reason):
            say(
                .cannotListen, "\(reason)",
                help: [
                    "end that program, or take other ports: \(portOptions.map { "`\($0)`" }.joined(separator: ", "))"
                ])
            return .notReachable
        }
    }
}
