// FormatterSupport.swift: format a text and look at what became of it, and the texts that there are to format.

import Diagnostics
import Foundation
import Language
import Testing

enum Formatted: Equatable {
    case text(String)
    case refused([String])
    case unfaithful

    init(_ source: String) { self.init(bytes: Array(source.utf8)) }

    init(bytes: [UInt8]) {
        switch Formatter.format(SourceFile(path: "a.bay", bytes: bytes)) {
        case .formatted(let bytes): self = .text(String(decoding: bytes, as: UTF8.self))
        case .refused(let diagnostics): self = .refused(diagnostics.map { "\($0.code.rawValue) \($0.title)" })
        case .unfaithful: self = .unfaithful
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// A text of Bay and where it is from.
struct BayText: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    var testDescription: String { name }

    /// Every `.bay` file of the repository.
    static let shipped: [BayText] = SyntaxShippedTests.shippedFiles.map { path in
        let text = try? String(contentsOf: SyntaxShippedTests.root.appending(path: path), encoding: .utf8)
        return BayText(name: path, text: text ?? "")
    }

    /// Every deployment file of the conformance cases that can be parsed.
    static let cases: [BayText] = ConformanceCase.names.flatMap { name -> [BayText] in
        guard let test = try? ConformanceCase.named(name) else { return [] }
        return test.files.map {
            BayText(name: "\(name) \($0.source.path)", text: String(decoding: $0.source.bytes, as: UTF8.self))
        }
    }.filter { Parsed($0.text).diagnostics.isEmpty }

    static let golden: [BayText] = FormatterGolden.all.map { BayText(name: $0.name, text: $0.written) }

    static let all: [BayText] = shipped + golden + cases
}
