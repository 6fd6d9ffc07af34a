// PatchbayProgram.swift: picks the command, runs it on the control loop, ends the process with its exit code.

internal import Glibc
internal import Transport

enum PatchbayProgram {
    static func main() -> Never {
        var words = Array(CommandLine.arguments.dropFirst())
        guard let name = words.first else {
            Terminal.standard.print(Command.overview)
            exit(ExitCode.fine.rawValue)
        }
        words.removeFirst()
        if name == "--help" || name == "-h" || name == "help" {
            Terminal.standard.print(Command.overview)
            exit(ExitCode.fine.rawValue)
        }
        if name == "--version" {
            Terminal.standard.print("patchbay \(Version.text)\n")
            exit(ExitCode.fine.rawValue)
        }
        guard let command = Command.all.first(where: { $0.name == name }) else {
            fail(Command.unknown(name))
        }
        if words.contains("--help") || words.contains("-h") {
            Terminal.standard.print(command.usage)
            exit(ExitCode.fine.rawValue)
        }
        do throws(UsageError) {
            let options = try CommandOptions(words, flags: command.flags, environment: ProcessEnvironment.all)
            exit(ControlLoop.run(command, options).rawValue)
        } catch {
            fail(error)
        }
    }

    /// Says what was wrong with the command line; ends with 2.
    static func fail(_ error: UsageError) -> Never {
        Terminal.standard.printError("patchbay: \(error.message)\n")
        if let help = error.help { Terminal.standard.printError("  \(help)\n") }
        exit(ExitCode.wrongUsage.rawValue)
    }
}

enum Version {
    static let text = "0.1.0"
}
