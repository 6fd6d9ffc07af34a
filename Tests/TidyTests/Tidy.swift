// Tidy.swift: the house rules as a pure function from files to findings.
//
// A rule that is only a wish drifts; these are tests. The checker takes (path, text) pairs, so that the test of
// the test can hand it a tree that breaks a rule. Neighbours: Tidy+….swift, one file per family of rules.

struct Finding: CustomStringConvertible, Equatable {
    enum Rule: String, CaseIterable {
        case layers, manifest, cModules, purity, names, sizes, force, access, safety, leftovers, machinePaths
    }
    let rule: Rule
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message) [\(rule.rawValue)]" }
}

struct Tidy {
    /// Path below the repository's root, and text.
    typealias File = (path: String, text: String)

    /// Everything wrong in `files`, by path and line.
    static func findings(in files: [File]) -> [Finding] {
        let swift = files.filter { $0.path.hasSuffix(".swift") }.map {
            SwiftSource(path: $0.path, text: $0.text)
        }
        let sources = swift.filter { $0.room != nil }
        var findings = layerFindings(in: sources, manifest: swift.first { $0.path == "Package.swift" })
        for source in sources {
            findings += nameFindings(in: source) + functionFindings(in: source) + forceFindings(in: source)
            findings += accessFindings(in: source) + safetyFindings(in: source) + purityFindings(in: source)
            findings += openingFindings(in: source)
        }
        for source in swift {
            findings += fileLengthFindings(in: source) + leftoverFindings(in: source)
        }
        for file in files { findings += machinePathFindings(in: file) }
        return findings.sorted { ($0.path, $0.line) < ($1.path, $1.line) }
    }
}
