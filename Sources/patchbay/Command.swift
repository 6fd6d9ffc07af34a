// Command.swift: what every command of the program has, and the table of them all.
//
// Data goes to standard output, messages to standard error. Exit codes: 0 fine, 1 problems found, 2 wrong usage,
// 3 something needed is not reachable (architecture, "Running").

internal import Diagnostics

/// How the process ends.
enum ExitCode: Int32, Sendable {
    case fine = 0
    case problemsFound = 1
    case wrongUsage = 2
    case notReachable = 3
}

/// One command. `action` is called on the control loop.
struct Command: Sendable {
    let name: String
    /// What stands after its name in the usage line.
    let operands: String
    let summary: String
    let flags: [Flag]
    let action: @Sendable (CommandOptions, ControlLoop) async throws(UsageError) -> ExitCode

    static let all: [Command] = [Command.run, .dev, .check, .format, .send, .sidecar, .explain, .bench]

    /// Nothing is called so; what is called nearly so.
    static func unknown(_ name: String) -> UsageError {
        let close = nearest(name, in: all.map(\.name))
        return UsageError(
            message: "there is no command `\(name)`",
            help: close.map { "did you mean `patchbay \($0)`?" } ?? "`patchbay help` lists the commands")
    }

    var usage: String {
        var text = "usage: patchbay \(name) \(operands)\n\n\(summary)\n"
        guard !flags.isEmpty else { return text }
        text += "\n"
        let titles = flags.map { "--\($0.name)" + ($0.value.map { " \($0)" } ?? "") }
        let width = titles.map(\.count).max() ?? 0
        for (flag, title) in zip(flags, titles) {
            text += "  \(title)\(String(repeating: " ", count: width - title.count))  \(flag.summary)\n"
        }
        return text + "\nEvery option is also a variable: --\(flags[0].name) is \(flags[0].twin).\n"
    }

    static var overview: String {
        var text = "Patchbay routes CloudEvents by rules that you edit while it runs.\n\n"
        let width = all.map(\.name.count).max() ?? 0
        for command in all {
            let pad = String(repeating: " ", count: width - command.name.count)
            text += "  patchbay \(command.name)\(pad)  \(command.summary.prefix { $0 != "\n" })\n"
        }
        return text + "\n`patchbay COMMAND --help` says more.\n"
    }
}
