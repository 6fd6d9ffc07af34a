// FormatCommand.swift: `patchbay fmt`: files in their canonical form, or which of them are not.
//
// A file with errors is shown with them and stays as it is; the others are formatted all the same.

internal import Diagnostics
internal import Engine
internal import Language
internal import Transport

extension Command {
    static let format = Command(
        name: "fmt", operands: "[FILES|FOLDERS…|-] [options]",
        summary: """
            Write .bay files in their canonical form, and print which changed.
            Without names: routes and scripts. `-`: from standard input to standard output.
            """,
        flags: [Flag(name: "check", value: nil, summary: "change nothing; print which files would, and end with 1")]
            + SourceFlags.all,
        action: { (options, _) async throws(UsageError) in try formatFiles(options) })

    private static func formatFiles(_ options: CommandOptions) throws(UsageError) -> ExitCode {
        let isCheck = options.isSet("check")
        let printer = try Printer(options)
        let limits = try SourceFlags.limits(options).source
        if options.operands == ["-"] { return formatInput(printer, limits, isCheck: isCheck) }
        var findings = 0
        for path in try bayFiles(options.operands, printer, &findings) {
            do throws(FileSystemError) {
                let bytes = try FileSystem.readFile(path, bytesMax: limits.bytesMax)
                let source = SourceFile(path: path, bytes: bytes)
                switch Formatter.format(source, limits: limits) {
                case .formatted(let text):
                    guard text != bytes else { continue }
                    if isCheck { findings += 1 } else { try FileSystem.replaceFile(path, bytes: text) }
                    Terminal.standard.print("\(path)\n")
                case .refused(let diagnostics):
                    Terminal.standard.printError(printer.renderer.render(diagnostics, in: SourceMap(files: [source])))
                    findings += 1
                case .unfaithful:
                    Terminal.standard.printError("patchbay: \(path): \(unfaithful); it stays as it is\n")
                    findings += 1
                }
            } catch {
                printer.say(.fileUnreadable, "cannot format `\(error.path)`: \(error.reasonText)")
                findings += 1
            }
        }
        return findings == 0 ? .fine : .problemsFound
    }

    private static let unfaithful = "formatting would have changed its meaning (please report this)"

    /// For editors: the text comes in and goes out, and nothing goes out when it has errors.
    private static func formatInput(_ printer: Printer, _ limits: SourceLimits, isCheck: Bool) -> ExitCode {
        do throws(FileSystemError) {
            let bytes = try FileSystem.readStandardInput(bytesMax: limits.bytesMax)
            let source = SourceFile(path: "-", bytes: bytes)
            switch Formatter.format(source, limits: limits) {
            case .formatted(let text):
                if isCheck { return text == bytes ? .fine : .problemsFound }
                Terminal.standard.print(String(decoding: text, as: UTF8.self))
                return .fine
            case .refused(let diagnostics):
                Terminal.standard.printError(printer.renderer.render(diagnostics, in: SourceMap(files: [source])))
            case .unfaithful: Terminal.standard.printError("patchbay: \(unfaithful)\n")
            }
        } catch {
            printer.say(.fileUnreadable, "cannot format \(error.path): \(error.reasonText)")
        }
        return .problemsFound
    }

    /// The files that are named and those below the folders that are, each once, in the order of the names.
    private static func bayFiles(
        _ operands: [String], _ printer: Printer, _ findings: inout Int
    ) throws(UsageError) -> [String] {
        let names = operands.isEmpty ? ["routes", "scripts"].filter(FileSystem.isDirectory) : operands
        guard !names.isEmpty else {
            throw UsageError(
                message: "there is neither `routes` nor `scripts` here",
                help: "name files or folders: patchbay fmt orders.bay")
        }
        var files: [String] = []
        var seen: Set<String> = []
        for name in names {
            guard FileSystem.isDirectory(name) else {
                if seen.insert(name).inserted { files.append(name) }
                continue
            }
            do throws(FileSystemError) {
                let found = try FileSystem.filesRecursively(in: name, suffix: ".bay")
                files += found.filter { seen.insert($0).inserted }
            } catch {
                printer.say(.folderUnreadable, "cannot read `\(name)`: \(error.reasonText)")
                findings += 1
            }
        }
        return files
    }
}
