// SystemFiles.swift: folder listings and the environment, by the C library; at start only.

internal import Glibc

/// Reads configuration. Blocks: called while a sidecar starts, never on a loop that serves.
enum SystemFiles {
    /// Of one file of configuration.
    static let fileBytesMax = 4 << 20

    /// Why a path cannot be read, in the system's words.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// The names in a folder, sorted, without `.` and `..`.
    static func names(in folder: String) throws(Failure) -> [String] {
        guard let stream = opendir(folder) else { throw Failure(reason: lastError()) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // SAFETY: `d_name` is a terminated C string inside the entry, which lives until the next `readdir`.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// A variable of this process's environment.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All of it.
    static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        // SAFETY: `environ` ends with nil; nobody changes the environment after start.
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
