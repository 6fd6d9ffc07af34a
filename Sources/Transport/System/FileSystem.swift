// FileSystem.swift: whole files and folders, by their paths, with the path and the system's words in every error.
//
// Blocks: for start-up, commands and background threads, never for a loop that serves.
// Neighbours: DirectoryEvents.swift (says when to look again).
internal import CLinux
internal import Glibc

/// A file or folder could not be read or written.
package struct FileSystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        case system(SystemReason)
        case tooLarge(bytesMax: Int)
        case notAFile
    }
    package let path: String
    package let problem: Problem

    /// The problem without the path.
    package var reasonText: String {
        switch problem {
        case .system(let reason): reason.description
        case .tooLarge(let bytesMax): "it is larger than \(bytesMax) bytes"
        case .notAFile: "it is not a file"
        }
    }
    package var description: String { "\(path): \(reasonText)" }
}

package enum FileSystem {
    /// The whole file.
    ///
    /// - Throws: also when it has more than `bytesMax` bytes, before it is read.
    package static func readFile(_ path: String, bytesMax: Int) throws(FileSystemError) -> [UInt8] {
        let kind = unsafe clinux_file_kind(path)
        guard kind >= 0 else { throw error(path, Int64(kind)) }
        guard clinux_is_directory(kind) == 0 else { throw FileSystemError(path: path, problem: .notAFile) }
        let descriptor = unsafe clinux_open_for_reading(path)
        guard descriptor >= 0 else { throw error(path, Int64(descriptor)) }
        defer { _ = clinux_close(descriptor) }
        return try readAll(descriptor, path, bytesMax: bytesMax)
    }

    /// What comes on standard input, to its end.
    package static func readStandardInput(bytesMax: Int) throws(FileSystemError) -> [UInt8] {
        try readAll(0, "standard input", bytesMax: bytesMax)
    }

    private static func readAll(_ descriptor: Int32, _ path: String, bytesMax: Int) throws(FileSystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe clinux_read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count == -Int64(EINTR) { continue }
            guard count > 0 else { throw error(path, count) }
            bytes += chunk[..<Int(count)]
            guard bytes.count <= bytesMax else {
                throw FileSystemError(path: path, problem: .tooLarge(bytesMax: bytesMax))
            }
        }
    }

    /// Gives a file that is there another content. Its permissions stay, and a symbolic link stays one: the file that it
    /// leads to is replaced.
    package static func replaceFile(_ path: String, bytes: [UInt8]) throws(FileSystemError) {
        guard let resolved = unsafe realpath(path, nil) else { throw error(path, -Int64(errno)) }
        let target = unsafe String(cString: resolved)
        unsafe free(resolved)
        var state = stat()
        guard unsafe stat(target, &state) == 0 else { throw error(path, -Int64(errno)) }
        try writeFile(target, bytes: bytes, mode: state.st_mode & 0o7777, isExact: true)
    }

    /// Writes the whole file beside its place, then moves it there, so that a reader sees the old one or the new one.
    ///
    /// - Parameter mode: of a new file, such as `0o600`.
    package static func writeFile(_ path: String, bytes: [UInt8], mode: UInt32) throws(FileSystemError) {
        try writeFile(path, bytes: bytes, mode: mode, isExact: false)
    }

    /// - Parameter isExact: the mode is the file's to the bit, whatever the process takes from new files.
    private static func writeFile(
        _ path: String, bytes: [UInt8], mode: UInt32, isExact: Bool
    ) throws(FileSystemError) {
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw error(draft, -Int64(errno)) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { buffer in
                unsafe clinux_write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count == -Int64(EINTR) { continue }
            guard count > 0 else {
                _ = clinux_close(descriptor)
                throw error(draft, count)
            }
            written += Int(count)
        }
        if isExact { _ = fchmod(descriptor, mode) }
        _ = clinux_close(descriptor)
        guard unsafe rename(draft, path) == 0 else { throw error(path, -Int64(errno)) }
    }

    /// Removes a file.
    ///
    /// - Throws: also when it is not there.
    package static func removeFile(_ path: String) throws(FileSystemError) {
        guard unsafe unlink(path) == 0 else { throw error(path, -Int64(errno)) }
    }

    /// Makes a folder and those above it; one that is there is fine.
    package static func makeFolder(_ path: String) throws(FileSystemError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if unsafe mkdir(made, 0o755) != 0, errno != EEXIST { throw error(path, -Int64(errno)) }
        }
        guard isDirectory(path) else { throw error(path, -Int64(ENOTDIR)) }
    }

    package static func isDirectory(_ path: String) -> Bool {
        let kind = unsafe clinux_file_kind(path)
        return kind >= 0 && clinux_is_directory(kind) != 0
    }

    package static func isFile(_ path: String) -> Bool {
        let kind = unsafe clinux_file_kind(path)
        return kind >= 0 && clinux_is_file(kind) != 0
    }

    /// Paths of the folders in a folder, sorted; those that begin with a dot are left out.
    package static func folders(in folder: String) throws(FileSystemError) -> [String] {
        try names(in: folder).map { "\(folder)/\($0)" }.filter(isDirectory)
    }

    /// Paths of the files below a folder that end so, sorted. Names that begin with a dot are left out, so that of a
    /// ConfigMap's `..data` only the visible links count.
    package static func filesRecursively(in folder: String, suffix: String) throws(FileSystemError) -> [String] {
        var found: [String] = []
        for folder in try foldersRecursively(in: folder) {
            for name in try names(in: folder) where name.hasSuffix(suffix) {
                let path = "\(folder)/\(name)"
                if !isDirectory(path) { found.append(path) }
            }
        }
        return found.sorted()
    }

    /// All folders below and including this one, those nearest first; at most 1,000, so that a loop of links ends.
    package static func foldersRecursively(in folder: String) throws(FileSystemError) -> [String] {
        var found = [folder]
        var next = 0
        while next < found.count, found.count < foldersMax {
            found += try folders(in: found[next])
            next += 1
        }
        return Array(found.prefix(foldersMax))
    }

    private static let foldersMax = 1000

    private static func names(in folder: String) throws(FileSystemError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw error(folder, -Int64(errno)) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // SAFETY: the name is a terminated C string inside the entry, which lives until the next `readdir`.
            let name = unsafe String(cString: clinux_entry_name(entry))
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func error(_ path: String, _ result: Int64) -> FileSystemError {
        FileSystemError(path: path, problem: .system(SystemReason(result: result)))
    }
}
