// TextMateGrammar.swift: a TextMate grammar read from JSON: rules, captures, the repository.
//
// As much of the format as `editors/` uses: match, begin/end, captures with patterns, contentName, include of
// `#name` and `$self`. An unknown key or name is an error, so that a slip of the pen in the grammar is one too.
// Neighbours: TextMateTokenizer.swift.

import Foundation

struct TextMateGrammar {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Position in `rules`.
    typealias RuleIndex = Int

    struct Capture {
        let scopes: [String]
        let patterns: [RuleIndex]
    }

    struct Rule {
        var scopes: [String] = []
        var contentScopes: [String] = []
        var match: NSRegularExpression?
        var begin: NSRegularExpression?
        var end: NSRegularExpression?
        var captures: [Int: Capture] = [:]
        var endCaptures: [Int: Capture] = [:]
        var patterns: [RuleIndex] = []
        /// The name of another rule; resolved when it is used.
        var include: String?
    }

    let scope: String
    private(set) var rules: [Rule] = []
    private(set) var repository: [String: RuleIndex] = [:]
    private(set) var root: [RuleIndex] = []
    private(set) var included: Set<String> = []

    init(contentsOf url: URL) throws {
        guard let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any],
            let scope = json["scopeName"] as? String, let patterns = json["patterns"] as? [[String: Any]],
            let named = json["repository"] as? [String: [String: Any]]
        else { throw Failure(description: "no scopeName, patterns or repository") }
        self.scope = scope
        for (name, rule) in named { repository[name] = try add(rule, at: "#\(name)") }
        root = try patterns.map { try add($0, at: "patterns") }
        for name in included where name != "$self" && repository[name] == nil {
            throw Failure(description: "nothing is called #\(name)")
        }
    }

    private static let keys: Set<String> = [
        "name", "contentName", "match", "begin", "end", "captures", "beginCaptures", "endCaptures", "patterns",
        "include",
    ]

    private mutating func add(_ json: [String: Any], at place: String) throws -> RuleIndex {
        for key in json.keys where !Self.keys.contains(key) {
            throw Failure(description: "\(place): unknown key \(key)")
        }
        var rule = Rule()
        rule.scopes = Self.words(json["name"])
        rule.contentScopes = Self.words(json["contentName"])
        rule.match = try expression(json["match"], at: place)
        rule.begin = try expression(json["begin"], at: place)
        rule.end = try expression(json["end"], at: place)
        if (rule.begin == nil) != (rule.end == nil) {
            throw Failure(description: "\(place): begin and end go together")
        }
        rule.captures = try captures(json["captures"] ?? json["beginCaptures"], at: place)
        rule.endCaptures = try captures(json["endCaptures"] ?? json["captures"], at: place)
        for pattern in json["patterns"] as? [[String: Any]] ?? [] { rule.patterns.append(try add(pattern, at: place)) }
        if let include = json["include"] as? String {
            let name = include.hasPrefix("#") ? String(include.dropFirst()) : include
            rule.include = name
            included.insert(name)
        }
        rules.append(rule)
        return rules.count - 1
    }

    private mutating func captures(_ json: Any?, at place: String) throws -> [Int: Capture] {
        var result: [Int: Capture] = [:]
        for (key, value) in json as? [String: [String: Any]] ?? [:] {
            guard let number = Int(key) else { throw Failure(description: "\(place): capture \(key)") }
            let patterns = try (value["patterns"] as? [[String: Any]] ?? []).map { try add($0, at: place) }
            result[number] = Capture(scopes: Self.words(value["name"]), patterns: patterns)
        }
        return result
    }

    private func expression(_ json: Any?, at place: String) throws -> NSRegularExpression? {
        guard let pattern = json as? String else { return nil }
        do { return try NSRegularExpression(pattern: pattern) } catch {
            throw Failure(description: "\(place): \(pattern): \(error)")
        }
    }

    private static func words(_ json: Any?) -> [String] {
        (json as? String)?.split(separator: " ").map(String.init) ?? []
    }
}
