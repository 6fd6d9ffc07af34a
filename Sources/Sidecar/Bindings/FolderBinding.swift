// FolderBinding.swift: `bindings.localstorage`: files below one folder, on a thread of its own.
//
// Operations `create get delete list`; metadata `fileName`. A name cannot leave the folder.
// Neighbours: API/BindingsAPI.swift.

internal import Transport

final class FolderBinding: Sendable {
    /// Of one file that is read.
    private static let fileBytesMax = 4 << 20
    /// Requests that may wait for the disk.
    private static let jobsMax = 1_000

    private let folder: String
    private let thread: BackgroundThread

    init(folder: String) throws(TransportError) {
        self.folder = folder
        thread = try BackgroundThread(name: "sidecar-localstorage", jobsMax: Self.jobsMax)
    }

    func perform(
        _ request: BindingRequest, _ completion: @escaping @Sendable (Result<BindingReply, BindingFailure>) -> Void
    ) {
        do throws(BackgroundQueueFull) {
            try thread.submit { [self] in
                completion(Result { () throws(BindingFailure) in try carryOut(request) })
            }
        } catch {
            completion(.failure(BindingFailure(reason: error.description)))
        }
    }

    /// Finishes what was asked for. Blocks.
    func close() { thread.stop() }

    private func carryOut(_ request: BindingRequest) throws(BindingFailure) -> BindingReply {
        switch request.operation {
        case "create":
            let path = try path(request["fileName"] ?? RandomUUID.string())
            try Self.files { () throws(FileSystemError) in
                try FileSystem.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
                try FileSystem.writeFile(path, bytes: request.payload, mode: 0o640)
            }
            return BindingReply(body: JSONText.dictionary(["fileName": path]))
        case "get":
            let path = try named(request)
            return BindingReply(
                body: try Self.files { () throws(FileSystemError) in
                    try FileSystem.readFile(path, bytesMax: Self.fileBytesMax)
                })
        case "delete":
            let path = try named(request)
            try Self.files { () throws(FileSystemError) in try FileSystem.removeFile(path) }
            return BindingReply()
        case "list":
            var below = folder
            if let name = request["fileName"] { below = try path(name) }
            let found = try Self.files { () throws(FileSystemError) in
                try FileSystem.filesRecursively(in: below, suffix: "")
            }
            return BindingReply(body: JSONText.list(found.map { JSONText.quoted($0) }))
        default: throw BindingFailure(reason: "unsupported operation \(request.operation)")
        }
    }

    private static func files<Result>(
        _ work: () throws(FileSystemError) -> Result
    ) throws(BindingFailure) -> Result {
        do throws(FileSystemError) {
            return try work()
        } catch {
            throw BindingFailure(reason: error.description)
        }
    }

    private func named(_ request: BindingRequest) throws(BindingFailure) -> String {
        guard let name = request["fileName"] else {
            throw BindingFailure(reason: "required metadata not set: fileName")
        }
        return try path(name)
    }

    private func path(_ name: String) throws(BindingFailure) -> String {
        let parts = name.split(separator: "/")
        guard !parts.isEmpty, !parts.contains(".."), !parts.contains("."), !name.utf8.contains(0) else {
            throw BindingFailure(reason: "the file name `\(name)` leads out of the folder")
        }
        return "\(folder)/\(parts.joined(separator: "/"))"
    }
}
