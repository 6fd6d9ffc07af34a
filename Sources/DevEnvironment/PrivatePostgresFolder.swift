// PrivatePostgresFolder.swift: where a private server keeps its data, password, log and socket.
//
// Law: one owner at a time (a lock that the kernel takes back when its holder dies), nothing of it readable by others.
// Neighbours: PrivatePostgres (uses it), PrivatePostgresProcesses (who still works in it).

internal import Glibc

/// The folder of one private server; holds its lock.
final class PrivatePostgresFolder {
    /// Owned by the server's user.
    let path: String
    let user: ServerUser
    private var lockDescriptor: Int32 = -1

    var dataPath: String { "\(path)/data" }
    /// initdb works here; only a finished cluster becomes `data`.
    var unfinishedPath: String { "\(path)/data.unfinished" }
    var passwordPath: String { "\(path)/password" }
    var logPath: String { "\(path)/server.log" }
    /// Socket paths have at most 107 bytes, so the socket is not below the data.
    var socketFolder: String { "/tmp/patchbay-\(user.userID)-\(Self.shortHash(of: path))" }

    /// Makes the folder where it is missing and takes its lock.
    init(path: String, user: ServerUser) throws(PrivatePostgresError) {
        self.path = path
        self.user = user
        try Self.make(path, for: user)
        try lock()
    }

    deinit { if lockDescriptor >= 0 { close(lockDescriptor) } }

    /// The data's major version; nil before the first start.
    var dataVersion: String? {
        Self.read("\(dataPath)/PG_VERSION").map { String($0.prefix { $0.isNumber }) }
    }

    private func lock() throws(PrivatePostgresError) {
        lockDescriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lockDescriptor >= 0 else { throw Self.unusable(path) }
        guard flock(lockDescriptor, LOCK_EX | LOCK_NB) == 0 else { throw .folderInUse(path: path) }
    }

    /// The password of the server's one user, made at the first start.
    func password() throws(PrivatePostgresError) -> String {
        if let known = Self.read(passwordPath), known.utf8.count >= 32 { return String(known.prefix { $0 != "\n" }) }
        var generator = SystemRandomNumberGenerator()
        let password = (0..<4).map { _ in
            let part = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - part.count) + part
        }.joined()
        unlink(passwordPath)
        let descriptor = open(passwordPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unusable(passwordPath) }
        defer { close(descriptor) }
        let bytes = Array(password.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count,
            !user.isOther || fchown(descriptor, user.userID, user.groupID) == 0
        else { throw Self.unusable(passwordPath) }
        return password
    }

    func makeSocketFolder() throws(PrivatePostgresError) { try Self.make(socketFolder, for: user) }

    /// Empty when the server has removed its socket.
    func removeSocketFolder() { rmdir(socketFolder) }

    func moveFinishedData() throws(PrivatePostgresError) {
        guard rename(unfinishedPath, dataPath) == 0 else { throw Self.unusable(dataPath) }
    }

    /// The last lines that the server wrote.
    func lastLogLines(_ count: Int) -> [String] {
        guard let text = Self.read(logPath, lastBytes: 16 << 10) else { return [] }
        return text.split(separator: "\n").suffix(count).map(String.init)
    }

    /// Keeps the log from growing for ever: emptied at a start that finds it large.
    func trimLog() {
        var status = stat()
        if stat(logPath, &status) == 0, status.st_size > 4 << 20 { truncate(logPath, 0) }
    }

    // MARK: the file system

    /// A real folder, 0700, of the server's user.
    private static func make(_ path: String, for user: ServerUser) throws(PrivatePostgresError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw unusable(path) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw unusable(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .folderUnusable(path: path, reason: "it is not a folder")
        }
        guard status.st_uid == user.userID || status.st_uid == geteuid() else {
            throw .folderUnusable(path: path, reason: "it belongs to another user (\(status.st_uid))")
        }
        guard status.st_uid == user.userID || chown(path, user.userID, user.groupID) == 0, chmod(path, 0o700) == 0
        else { throw unusable(path) }
    }

    private static func unusable(_ path: String) -> PrivatePostgresError {
        .folderUnusable(path: path, reason: String(cString: strerror(errno)))
    }

    static func read(_ path: String, lastBytes: Int = 1 << 20) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        // Files of /proc have no size; they are read from the start.
        if end > lastBytes { lseek(descriptor, end - lastBytes, SEEK_SET) } else { lseek(descriptor, 0, SEEK_SET) }
        var bytes = [UInt8](repeating: 0, count: lastBytes)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard got > 0 else { break }
            count += got
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// FNV-1a, 32 bits: tells the folders of one machine apart.
    static func shortHash(of text: String) -> String {
        let hash = text.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return String(hash, radix: 16)
    }

    /// The path without links, `.` and `..`; the folder above must exist.
    static func absolute(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let isAbsolute = path.hasPrefix("/")
        let above = (isAbsolute ? "/" : "./") + parts.dropLast().joined(separator: "/")
        guard let resolved = realpath(above, nil) else { return path }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        guard let name = parts.last else { return folder }
        return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }
}
