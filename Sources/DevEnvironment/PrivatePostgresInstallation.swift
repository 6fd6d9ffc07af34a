// PrivatePostgresInstallation.swift: which programs of PostgreSQL there are, and as whom they run.

internal import Glibc
internal import Transport

/// The programs of one version.
struct PostgresInstallation: Sendable, Equatable {
    /// With `initdb`, `postgres` and `psql` in it.
    let folder: String
    /// `15`.
    let version: String

    /// Everything installed, the newest first: Debian's folders, then the search path.
    /// - Parameter roots: where Debian keeps one folder a version.
    static func all(
        roots: [String] = ["/usr/lib/postgresql"], searchPath: [String] = PostgresInstallation.searchPath
    ) -> [PostgresInstallation] {
        var found: [PostgresInstallation] = []
        for root in roots {
            for version in FolderListing.names(in: root) where Int(version) != nil {
                let folder = "\(root)/\(version)/bin"
                if isComplete(folder) { found.append(PostgresInstallation(folder: folder, version: version)) }
            }
        }
        found.sort { (Int($0.version) ?? 0) > (Int($1.version) ?? 0) }
        for folder in searchPath where isComplete(folder) {
            found.append(PostgresInstallation(folder: folder, version: ""))
        }
        return found
    }

    static var searched: [String] { ["/usr/lib/postgresql/*/bin"] + searchPath }

    static var searchPath: [String] {
        guard let path = getenv("PATH") else { return [] }
        return String(cString: path).split(separator: ":").map(String.init)
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["initdb", "postgres", "psql"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
}

/// As whom the server runs: as ourselves, or, when we are root, which PostgreSQL refuses to be, as somebody else.
struct ServerUser: Sendable, Equatable {
    let userID: UInt32
    let groupID: UInt32
    /// Whether commands have to change the user first.
    let isOther: Bool

    static let candidates = ["postgres", "nobody"]

    static func find() -> ServerUser? {
        guard geteuid() == 0 else { return ServerUser(userID: geteuid(), groupID: getegid(), isOther: false) }
        for name in candidates {
            guard let entry = getpwnam(name) else { continue }
            return ServerUser(userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid, isOther: true)
        }
        return nil
    }

    /// `setpriv` changes the user and then becomes the command, so that the child is the server itself.
    func command(_ executable: String, _ arguments: [String]) -> ChildCommand {
        // Nothing of our environment: PG… variables would change what the programs do.
        let environment = [
            (name: "PATH", value: "/usr/bin:/bin"), (name: "LC_ALL", value: "C"), (name: "TZ", value: "UTC"),
        ]
        guard isOther else {
            return ChildCommand(executable, arguments, environment: environment, workingDirectory: "/")
        }
        let change = ["--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", executable]
        return ChildCommand("/usr/bin/setpriv", change + arguments, environment: environment, workingDirectory: "/")
    }
}

enum FolderListing {
    /// Names in a folder, sorted; none when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
