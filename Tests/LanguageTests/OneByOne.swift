// OneByOne.swift: what a rule index must find: every rule in turn, by the machine.

import Machine
import Routing

func oneByOne(
    _ rules: [Rule], type: String, all: Bool, holds: (FunctionIndex) throws -> Bool
) rethrows -> [Rule] {
    var found: [Rule] = []
    for rule in rules {
        let fits = rule.typePatterns.isEmpty || rule.typePatterns.contains { Routing.Glob($0).matches(type) }
        guard fits, !rule.isOtherwise || found.isEmpty, try rule.predicate.map(holds) ?? true else { continue }
        found.append(rule)
        if !all { break }
    }
    return found
}
