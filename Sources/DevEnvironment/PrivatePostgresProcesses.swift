// PrivatePostgresProcesses.swift: who still works in a data folder: a server whose `dev` was killed, or the backends
// of a postmaster that was.
//
// Every process of a PostgreSQL server has its data folder as working directory, so /proc tells them all, and nobody
// else. Whoever holds the folder's lock may end them.

internal import Glibc

enum PrivatePostgresProcesses {
    /// Process ids whose working directory is `dataPath`, an absolute path without links.
    static func working(in dataPath: String) -> [Int32] {
        FolderListing.names(in: "/proc").compactMap { name in
            guard let processID = Int32(name), linkTarget("/proc/\(name)/cwd") == dataPath else { return nil }
            return processID
        }
    }

    static func signal(_ processIDs: [Int32], _ number: Int32) {
        for processID in processIDs { kill(processID, number) }
    }

    /// The first line of `postmaster.pid`, if that process works in the folder.
    static func postmaster(in dataPath: String) -> Int32? {
        guard let text = PrivatePostgresFolder.read("\(dataPath)/postmaster.pid"),
            let processID = Int32(text.prefix { $0 != "\n" })
        else { return nil }
        return working(in: dataPath).contains(processID) ? processID : nil
    }

    private static func linkTarget(_ path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { target in
                target.baseAddress.map { readlink(path, $0, target.count) } ?? 0
            }
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
