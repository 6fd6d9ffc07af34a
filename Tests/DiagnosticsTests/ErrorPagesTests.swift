// ErrorPagesTests.swift: docs/errors is what the catalogue says. `PATCHBAY_WRITE=1` writes it.

import Diagnostics
import Foundation
import Testing

struct ErrorPagesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/errors")

    private static let files: [(name: String, text: String)] =
        [("README.md", Catalogue.index)] + Catalogue.pages.map { ("\($0.code.rawValue).md", $0.markdown) }

    @Test func `the pages in docs are those of the catalogue`() throws {
        if ProcessInfo.processInfo.environment["PATCHBAY_WRITE"] == "1" {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            where name.hasSuffix(".md") {
                try FileManager.default.removeItem(at: Self.folder.appending(path: name))
            }
            for file in Self.files {
                try file.text.write(to: Self.folder.appending(path: file.name), atomically: true, encoding: .utf8)
            }
        }
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".md") }
        #expect(found.sorted() == Self.files.map(\.name).sorted(), "write them with PATCHBAY_WRITE=1")
        for file in Self.files {
            let text = try? String(contentsOf: Self.folder.appending(path: file.name), encoding: .utf8)
            #expect(
                text == file.text, "docs/errors/\(file.name) is not the catalogue's: write it with PATCHBAY_WRITE=1")
        }
    }

    @Test func `the index names every code once`() {
        for code in DiagnosticCode.allCases {
            #expect(Catalogue.index.components(separatedBy: "](\(code.rawValue).md)").count == 2)
        }
    }
}
