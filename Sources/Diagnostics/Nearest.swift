// Nearest.swift: "did you mean": the known word that a misspelt one was probably to be.
//
// Suggests only what is close (style guide 7.3, rule 6): at most max(1, a third of the length) edits, and never a
// word that shares nothing with the one written. Otherwise the caller lists what is allowed.

/// The candidate nearest to `word`, or nil when none is near. Words that differ only in case come first; equally
/// near ones are decided by the alphabet.
package func nearest(_ word: String, in candidates: some Sequence<String>) -> String? {
    let lowered = word.lowercased()
    let written = Array(word.unicodeScalars)
    // Comparing takes the product of both lengths.
    guard written.count <= comparedLengthMax else { return nil }
    let allowed = max(1, written.count / 3)
    var best: (distance: Int, text: String)?
    let letters = letterSet(of: written)
    for candidate in candidates where candidate != word {
        let distance: Int
        let other = Array(candidate.unicodeScalars)
        // Thousands of candidates may be asked for: most are told apart by their length or their letters.
        guard abs(other.count - written.count) <= allowed else { continue }
        let otherLetters = letterSet(of: other)
        guard (letters & ~otherLetters).nonzeroBitCount <= allowed,
            (otherLetters & ~letters).nonzeroBitCount <= allowed
        else { continue }
        if letters == otherLetters, candidate.lowercased() == lowered {
            distance = 0
        } else {
            distance = editDistance(written, other)
            guard distance <= allowed, distance < written.count, distance < other.count else { continue }
        }
        if let known = best, (known.distance, known.text) <= (distance, candidate) { continue }
        best = (distance, candidate)
    }
    return best?.text
}

/// All candidates that are as near as the nearest, by the alphabet: with two of them no fix is certain.
package func nearestOnes(_ word: String, in candidates: [String]) -> [String] {
    guard let first = nearest(word, in: candidates) else { return [] }
    let written = Array(word.unicodeScalars)
    let distance = editDistance(written, Array(first.unicodeScalars))
    let isCaseOnly = first.lowercased() == word.lowercased()
    let others = candidates.filter { candidate in
        candidate != first && !isCaseOnly && nearest(word, in: [candidate]) != nil
            && editDistance(written, Array(candidate.unicodeScalars)) == distance
    }
    return [first] + others.sorted()
}

/// A longer word is not misspelt, it is something else.
private let comparedLengthMax = 64

/// "`a`, `b`, `c`": at most five, then how many more.
package func listing(_ words: [String]) -> String {
    let shown = words.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
    return words.count > 5 ? "\(shown) and \(words.count - 5) more" : shown
}

/// Which letters occur, in either case; others share the bits. An edit adds or takes one of them at most.
private func letterSet(of scalars: [UnicodeScalar]) -> UInt64 {
    scalars.reduce(0) { set, scalar in
        let letter = scalar.value >= 65 && scalar.value <= 90 ? scalar.value + 32 : scalar.value
        return set | 1 << UInt64(letter & 63)
    }
}

/// Insertions, deletions, replacements and swaps of neighbours.
private func editDistance(_ left: [UnicodeScalar], _ right: [UnicodeScalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var current = [i + 1]
        current.reserveCapacity(right.count + 1)
        for j in right.indices {
            let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
            var cost = min(replaced, min(last[j + 1], current[j]) + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
