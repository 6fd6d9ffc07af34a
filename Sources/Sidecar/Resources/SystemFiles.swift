// SystemFiles.swift: whole small files and folder listings, by the C library; at start only.

internal import Glibc

/// Reads configuration. Blocks: called while a sidecar starts, never on a loop that serves.
enum SystemFiles {
    /// Of one file of configuration.
    static let fileBytesMax = 4 << 20

    /// Why a path cannot be read, in the system's words.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// The whole file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(reason: lastError()) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return content }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Failure(reason: lastError())
            }
            content += chunk[..<count]
            guard content.count <= fileBytesMax else {
                throw Failure(reason: "larger than \(fileBytesMax >> 20) MiB")
            }
        }
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

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
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
