// TemporaryFolder.swift: a folder of one test, gone with it.

import Foundation

/// SAFETY: the path is constant.
final class TemporaryFolder: @unchecked Sendable {
    let path: String

    init() throws {
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("patchbay-e2e-XXXXXX").path
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The user of a private PostgreSQL has to get through.
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the folders above it.
    func write(_ name: String, _ text: String) throws {
        let folder = (self(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self(name)) }

    func read(_ name: String) throws -> String { try String(contentsOfFile: self(name), encoding: .utf8) }

    /// A link of this name to a place, which may not exist.
    func link(_ name: String, to place: String) throws {
        try FileManager.default.createSymbolicLink(atPath: self(name), withDestinationPath: place)
    }

    /// Over what is there, in one step.
    func rename(_ name: String, over other: String) throws {
        guard Foundation.rename(self(name), self(other)) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// A folder or file of the project itself, copied.
    func copy(fromProject name: String) throws {
        let folder = (self(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: self(name))
    }
}

/// The checkout that these tests belong to.
enum Project {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func read(_ name: String) throws -> String { try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8) }

    /// The built program, beside the test bundle that runs now.
    static let program: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\((own as NSString).deletingLastPathComponent)/patchbay"
    }()
}
