// RulesAbove.swift: the rules of a subscription that were checked so far: which of them takes everything that a
// further one would, and which has its name.
//
// Asked for each rule, so it must not look at all rules above: those without a `where` are kept by their exact
// types, and their globs by what stands before the first `*`.
// Neighbours: Checker+Subscriptions.swift (asks), Routing/Glob.swift.

internal import Diagnostics
internal import Routing

struct RulesAbove {
    private struct Wild {
        let rule: Int
        let glob: Glob
    }

    private(set) var rules: [CheckedRule] = []
    private var byName: [String: Int] = [:]
    /// Rules among `rules` whose names are in `byName`: filled when a name is first looked for.
    private var named = 0
    /// The first rule without `where` and without types.
    private var takesAll: Int?
    /// Rules without `where` that name this type exactly, in source order.
    private var exact: [String: [Int]] = [:]
    private var wild: [String: [Wild]] = [:]
    private var prefixLengths: [Int] = []
    /// Globs compared so far. A thousand rules with globs that begin alike must not take a million comparisons; from
    /// there on a rule below them that can never match is not told.
    private var compared = 0
    private static var comparedMax: Int { 200_000 }

    mutating func append(_ rule: CheckedRule) {
        let place = rules.count
        rules.append(rule)
        guard rule.condition == nil, !rule.isOtherwise else { return }
        if rule.patterns.isEmpty { takesAll = takesAll ?? place }
        for pattern in rule.patterns {
            guard pattern.utf8.contains(UInt8(ascii: "*")) else {
                exact[pattern, default: []].append(place)
                continue
            }
            let prefix = String(pattern.prefix { $0 != "*" })
            wild[prefix, default: []].append(Wild(rule: place, glob: Glob(pattern)))
            if !prefixLengths.contains(prefix.utf8.count) { prefixLengths.append(prefix.utf8.count) }
        }
    }

    /// The first rule above of that name.
    mutating func first(named name: String) -> CheckedRule? {
        while named < rules.count {
            if byName[rules[named].name] == nil { byName[rules[named].name] = named }
            named += 1
        }
        return byName[name].map { rules[$0] }
    }

    /// The first rule above that takes every event of all these types; without types, every event.
    mutating func first(taking patterns: [String]) -> CheckedRule? {
        var best = takesAll
        if let first = patterns.first {
            for place in exact[first] ?? [] where place < best ?? .max {
                guard patterns.count > 1 else {
                    best = place
                    break
                }
                if covers(place, patterns) {
                    best = place
                    break
                }
            }
            best = firstWild(taking: first, patterns, before: best)
        }
        return best.map { rules[$0] }
    }

    private mutating func firstWild(taking first: String, _ patterns: [String], before limit: Int?) -> Int? {
        var best = limit
        let glob = Glob(first)
        let bytes = Array(first.utf8)
        for length in prefixLengths where length <= bytes.count {
            for candidate in wild[String(decoding: bytes[..<length], as: UTF8.self)] ?? [] {
                guard candidate.rule < best ?? .max, compared < Self.comparedMax else { break }
                compared += 1
                guard candidate.glob.covers(glob), patterns.count == 1 || covers(candidate.rule, patterns) else {
                    continue
                }
                best = candidate.rule
            }
        }
        return best
    }

    private mutating func covers(_ place: Int, _ patterns: [String]) -> Bool {
        let globs = rules[place].patterns.map(Glob.init)
        compared += globs.count * patterns.count
        guard compared < Self.comparedMax else { return false }
        return patterns.allSatisfy { pattern in
            let wanted = Glob(pattern)
            return globs.contains { $0.covers(wanted) }
        }
    }
}
