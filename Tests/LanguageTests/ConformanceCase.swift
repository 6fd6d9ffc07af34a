// ConformanceCase.swift: a `.case` file: a deployment, what happens to it, and what must come of it.
//
// The text before the first section says what the case shows. Sections begin with `--- name`:
//   routes/… , scripts/…   a file of the deployment
//   run                    short for `scripts/main.bay` with `handler run(event) { … }`
//   event, data, request   what arrives: a CloudEvent, its data alone, or a request
//   effects                one line each: `label template [operands] option: value => reply`,
//                          where the reply is JSON, or `fail class "message"`, or that with `details {…}` behind it;
//                          `=> later a` leaves the effect in flight, and a line `a => reply` further down, when
//                          everything waits, is its reply
//   result                 what becomes of it
//   diagnostics            the exact text, when there is any
//   check                  only checked, not run
// Without a file of routes the case gets the ones below. Neighbours: ConformanceTests.swift (runs them).

import Diagnostics
import Foundation
import Language

struct ConformanceCase {
    struct Section {
        let name: String
        var text: String
    }

    let url: URL
    let summary: String
    var sections: [Section]

    init(url: URL) throws {
        self.url = url
        var summary = ""
        var sections: [Section] = []
        for line in try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("--- ") {
                sections.append(Section(name: String(line.dropFirst(4)), text: ""))
            } else if sections.isEmpty {
                summary += line + "\n"
            } else {
                sections[sections.count - 1].text += line + "\n"
            }
        }
        if let last = sections.indices.last, sections[last].text.hasSuffix("\n\n") || sections[last].text == "\n" {
            sections[last].text.removeLast()
        }
        self.summary = summary
        self.sections = sections
    }

    /// One that stands in no file.
    init(sections: [Section]) {
        url = URL(fileURLWithPath: "/dev/null")
        summary = ""
        self.sections = sections
    }

    func section(_ name: String) -> String? { sections.first { $0.name == name }?.text }

    var hasOwnRoutes: Bool { sections.contains { $0.name.hasPrefix("routes/") } }

    /// The deployment's files, with what the short forms stand for.
    var files: [DeploymentFile] {
        var files = sections.compactMap { section -> DeploymentFile? in
            guard section.name.hasSuffix(".bay") else { return nil }
            return Self.file(section.name, section.text)
        }
        if let body = section("run") {
            files.append(Self.file("scripts/main.bay", "handler run(event) {\n\(body)}\n"))
        }
        if !hasOwnRoutes {
            let route = section("request") == nil ? Self.eventRoute : Self.requestRoute
            files.insert(Self.file("routes/app/routes.bay", Self.resources + route), at: 0)
        }
        return files
    }

    private static let resources = """
        database inventory = secret("secrets/postgres")
        store    shelf     = "statestore"
        app      catalog   = "products"
        topic    audit     = "pubsub/audit"

        """
    private static let eventRoute = "subscribe \"pubsub/t\" (dead_letter: \"dead\") { on \"x\" => main.run }\n"
    private static let requestRoute = "get \"/x\" => main.run\n"

    static func file(_ path: String, _ text: String) -> DeploymentFile {
        var module: String?
        if path.hasPrefix("scripts/") {
            module = path.dropFirst("scripts/".count).dropLast(".bay".count).split(separator: "/").joined(
                separator: ".")
        }
        return DeploymentFile(source: SourceFile(path: path, text: text), module: module)
    }

    /// Writes the case again with other outcomes: for a person who then reads every change.
    func rewritten(_ outcomes: [String: String]) throws {
        var sections = sections
        for name in ["effects", "result", "diagnostics"] {
            let text = outcomes[name] ?? ""
            sections.removeAll { $0.name == name }
            if !text.isEmpty { sections.append(Section(name: name, text: text)) }
        }
        let body = sections.map { "--- \($0.name)\n\($0.text)" }.joined()
        try (summary + body).write(to: url, atomically: true, encoding: .utf8)
    }

    // All of them.

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Conformance/cases")

    /// `feature/behaviour`, sorted.
    static let names: [String] = {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".case") }.map { String($0.dropLast(".case".count)) }.sorted()
    }()

    static func named(_ name: String) throws -> ConformanceCase {
        try ConformanceCase(url: folder.appendingPathComponent(name + ".case"))
    }
}
