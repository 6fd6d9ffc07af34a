// SystemFiles.swift: folder listings, by the C library; at start only.

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

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
