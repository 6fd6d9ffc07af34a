// SyntaxShippedTests.swift: the files that we ship parse without a word.

import Diagnostics
import Foundation
import Language
import Testing

struct SyntaxShippedTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static var shippedFiles: [String] {
        ["routes", "scripts"].flatMap { folder -> [String] in
            let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.allObjects ?? []
            return all.compactMap { $0 as? String }.filter { $0.hasSuffix(".bay") }.map { "\(folder)/\($0)" }.sorted()
        }
    }

    @Test(arguments: shippedFiles)
    func `a shipped file parses without a diagnostic`(path: String) throws {
        let bytes = try Data(contentsOf: SyntaxShippedTests.root.appending(path: path))
        let parsed = Parsed(bytes: Array(bytes), path: path)
        #expect(parsed.titles == [])
        #expect(!parsed.dump.contains("error"))
        #expect(parsed.tree.nodeCount > 3)
    }
}
