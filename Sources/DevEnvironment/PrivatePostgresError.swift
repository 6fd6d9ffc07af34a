// PrivatePostgresError.swift: why there is no private database, and what to do about it.

package import Diagnostics

package enum PrivatePostgresError: Error, Sendable, Equatable {
    /// No `initdb` and `postgres` in the places that were looked at.
    case notInstalled(searched: [String])
    /// Root may not run it, and there is nobody else to run it as.
    case noUser(tried: [String])
    case folderInUse(path: String)
    case folderUnusable(path: String, reason: String)
    /// The data was made by a version whose programs are not here.
    case versionMissing(path: String, version: String, installed: [String])
    /// `lines`: the last words of the program.
    case failed(step: String, lines: [String])
    case schemaFailed(path: String, lines: [String])

    package var diagnostic: Diagnostic {
        switch self {
        case .notInstalled(let searched):
            Diagnostic(
                code: .databaseMissing, title: "PostgreSQL is not installed", primary: nil,
                help: [
                    "install it: `apt-get install postgresql-15`, or give a database of your own with `--database`",
                    "looked for `initdb` and `postgres` in \(searched.joined(separator: ", "))",
                ])
        case .noUser(let tried):
            Diagnostic(
                code: .databaseMissing, title: "PostgreSQL does not run as root, and there is no other user for it",
                primary: nil,
                help: [
                    "looked for \(tried.map { "`\($0)`" }.joined(separator: ", ")); start `patchbay dev` as another user"
                ])
        case .folderInUse(let path):
            Diagnostic(
                code: .databaseFolder, title: "another `patchbay dev` uses the database in `\(path)`", primary: nil,
                help: ["stop it, or give this one a folder of its own with `--state-dir`"])
        case .folderUnusable(let path, let reason):
            Diagnostic(
                code: .databaseFolder, title: "the database cannot use `\(path)`", primary: nil, help: [reason])
        case .versionMissing(let path, let version, let installed):
            Diagnostic(
                code: .databaseFolder, title: "`\(path)` was made by PostgreSQL \(version), which is not installed",
                primary: nil,
                help: [
                    "install it: `apt-get install postgresql-\(version)`, or remove the folder with all its data",
                    "installed: \(installed.joined(separator: ", "))",
                ])
        case .failed(let step, let lines):
            Diagnostic(
                code: .databaseFailed, title: "the private PostgreSQL failed to \(step)", primary: nil,
                help: Array(lines.suffix(2)))
        case .schemaFailed(let path, let lines):
            Diagnostic(
                code: .databaseSchema, title: "the tables of `\(path)` cannot be created", primary: nil,
                help: Array(lines.prefix(2)))
        }
    }
}
