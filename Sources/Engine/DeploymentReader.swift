// DeploymentReader.swift: the folders of a deployment become its files, named as the language wants them.
//
// A file under a scripts folder is the module of its path, `/` and `.` alike; a file under a routes folder has none.
// Files are read in the order of their paths, so that a deployment is the same on every machine.
// Neighbours: DeploymentLoader.swift (compiles what was read), DirectoryWatcher.swift (says when to read again).

package import Diagnostics
package import Language
internal import Transport

/// A deployment cannot be read.
package struct DeploymentReadError: Error, Sendable {
    package let diagnostics: [Diagnostic]
}

package struct DeploymentReader: Sendable {
    private let routeFolders: [String]
    private let scriptFolders: [String]
    let limits: EngineLimits

    package init(routeFolders: [String], scriptFolders: [String], limits: EngineLimits) {
        self.routeFolders = routeFolders
        self.scriptFolders = scriptFolders
        self.limits = limits
    }

    /// Folders to watch.
    package var folders: [String] { routeFolders + scriptFolders }

    /// Reads every `.bay` file. Blocks: call it on a background thread.
    ///
    /// - Throws: everything that cannot be read, at once.
    package func read() throws(DeploymentReadError) -> [DeploymentFile] {
        var files: [DeploymentFile] = []
        var problems: [Diagnostic] = []
        for folder in routeFolders { collect(folder, areModules: false, into: &files, &problems) }
        if problems.isEmpty, files.isEmpty {
            problems.append(
                Diagnostic(
                    code: .routesFolderEmpty,
                    title: "no `.bay` file in \(routeFolders.map { "`\($0)`" }.joined(separator: ", "))", primary: nil,
                    help: ["put the app's rules there, for example `\(routeFolders.first ?? "routes")/routes.bay`"]))
        }
        for folder in scriptFolders { collect(folder, areModules: true, into: &files, &problems) }
        let total = files.reduce(0) { $0 + $1.source.bytes.count }
        if total > limits.deploymentBytesMax {
            problems.append(
                Diagnostic(
                    code: .deploymentTooLarge,
                    title: "the deployment has \(total) bytes; the limit is \(limits.deploymentBytesMax)", primary: nil,
                    help: [
                        "the largest files are \(Self.largest(files))", "raise the limit with `--deployment-bytes`",
                    ]))
        }
        guard problems.isEmpty else { throw DeploymentReadError(diagnostics: problems) }
        return files
    }

    private func collect(
        _ folder: String, areModules: Bool, into files: inout [DeploymentFile], _ problems: inout [Diagnostic]
    ) {
        let paths: [String]
        do throws(FileSystemError) {
            paths = try FileSystem.filesRecursively(in: folder, suffix: ".bay")
        } catch {
            problems.append(
                Diagnostic(code: .folderUnreadable, title: "cannot read `\(folder)`: \(error.reasonText)", primary: nil)
            )
            return
        }
        for path in paths.sorted() {
            do throws(FileSystemError) {
                let bytes = try FileSystem.readFile(path, bytesMax: limits.source.bytesMax)
                let module = areModules ? Self.module(of: path, below: folder) : nil
                files.append(DeploymentFile(source: SourceFile(path: path, bytes: bytes), module: module))
            } catch {
                problems.append(Self.unreadable(path, error, limits))
            }
        }
    }

    private static func unreadable(_ path: String, _ error: FileSystemError, _ limits: EngineLimits) -> Diagnostic {
        guard case .tooLarge = error.problem else {
            return Diagnostic(code: .fileUnreadable, title: "cannot read `\(path)`: \(error.reasonText)", primary: nil)
        }
        return Diagnostic(
            code: .fileTooLarge, title: "`\(path)` has more than \(limits.source.bytesMax) bytes", primary: nil,
            help: [
                "split it: every file of the folder belongs to the deployment",
                "or raise the limit with `--source-bytes`",
            ])
    }

    private static func largest(_ files: [DeploymentFile]) -> String {
        files.sorted { $0.source.bytes.count > $1.source.bytes.count }.prefix(3)
            .map { "`\($0.source.path)` (\($0.source.bytes.count))" }.joined(separator: ", ")
    }

    /// `scripts/shop/orders.bay` and `scripts/shop.orders.bay` are `shop.orders`.
    private static func module(of path: String, below folder: String) -> String {
        var name = path.dropFirst(folder.count)
        while name.first == "/" { name = name.dropFirst() }
        return String(name.dropLast(".bay".count).map { $0 == "/" ? "." : $0 })
    }
}
