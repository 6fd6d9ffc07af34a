// TextForm.swift: how the texts that remain must look, beyond what ranges of texts can say.
//
// Neighbours: RemainingValues.swift, Predicate.swift (the tests of texts).

internal import Machine

struct TextForm {
    /// Enough for what people write; what is more is forgotten, and more texts seem to remain.
    private static var keptMax: Int { 16 }

    /// Ends and parts that every remaining text has.
    private var suffixes: [TextBytes] = []
    private var parts: [TextBytes] = []
    /// Ends and parts that none has.
    private var foreignSuffixes: [TextBytes] = []
    private var foreignParts: [TextBytes] = []
    /// What every remaining text is, and none is, in lower case.
    private var folded: [String] = []
    private var foreignFolded: [String] = []
    /// Where every remaining text lies, and none does.
    private var networks: [IPNetwork] = []
    private var foreignNetworks: [IPNetwork] = []
    /// All of them, for when only a few texts are left to be asked.
    private var tests: [(test: Test, holds: Bool)] = []

    /// Texts that pass the test stay, or with `holds` false those that do not.
    mutating func keep(_ test: Test, _ holds: Bool, of texts: inout Ranges<TextBytes>) {
        if tests.count < Self.keptMax { tests.append((test, holds)) }
        switch test {
        case .startsWith(let text):
            let range = TextBytes(text).beginning
            if holds { texts.keep(range) } else { texts.remove(range) }
            if holds { note(TextBytes(text), in: \.parts) }
        case .endsWith(let text): note(TextBytes(text), in: holds ? \.suffixes : \.foreignSuffixes)
        case .contains(let text, _): note(TextBytes(text), in: holds ? \.parts : \.foreignParts)
        case .isLike(let glob): keepLike(glob, holds, &texts)
        case .equalsIgnoringCase(let text): note(text.string.lowercased(), in: holds ? \.folded : \.foreignFolded)
        case .isInNetwork(let network): note(network, in: holds ? \.networks : \.foreignNetworks)
        case .isNull, .exists, .equals, .isOneOf, .isBetween: break
        }
        if contradictsItself { texts.removeAll() }
        filter(&texts)
    }

    /// Asks the few texts that are left.
    func filter(_ texts: inout Ranges<TextBytes>) {
        texts.keep { text in tests.allSatisfy { Self.passes(text, $0.test) == $0.holds } }
    }

    private mutating func note<Piece>(_ piece: Piece, in list: WritableKeyPath<TextForm, [Piece]>) {
        if self[keyPath: list].count < Self.keptMax { self[keyPath: list].append(piece) }
    }

    private var contradictsItself: Bool {
        // Of two ends of one text the shorter is an end of the longer.
        for one in suffixes where suffixes.contains(where: { !$0.hasSuffix(one) && !one.hasSuffix($0) }) { return true }
        if suffixes.contains(where: { suffix in foreignSuffixes.contains { suffix.hasSuffix($0) } }) { return true }
        if (suffixes + parts).contains(where: { piece in foreignParts.contains { piece.contains($0) } }) { return true }
        if folded.contains(where: { $0 != folded[0] || foreignFolded.contains($0) }) { return true }
        return networks.contains { network in
            networks.contains { !$0.contains(network.base) && !network.contains($0.base) }
                || foreignNetworks.contains { $0.contains(network.base) && $0.prefixBits <= network.prefixBits }
        }
    }

    private mutating func keepLike(_ glob: ByteText, _ holds: Bool, _ texts: inout Ranges<TextBytes>) {
        let bytes = TextBytes(glob).bytes
        let star = UInt8(ascii: "*")
        let pieces = bytes.split(separator: star, omittingEmptySubsequences: false).map { TextBytes(Array($0)) }
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else {
            if holds { texts.keep(.point(TextBytes(bytes))) } else { texts.remove(.point(TextBytes(bytes))) }
            return
        }
        let inner = pieces.dropFirst().dropLast().filter { !$0.bytes.isEmpty }
        guard !holds else {
            texts.keep(first.beginning)
            note(first, in: \.parts)
            note(last, in: \.suffixes)
            for piece in inner { note(piece, in: \.parts) }
            return
        }
        // What is no more than a beginning, an end or a part.
        switch (first.bytes.isEmpty, inner.count, last.bytes.isEmpty) {
        case (_, 0, true): texts.remove(first.beginning)
        case (true, 0, false): note(last, in: \.foreignSuffixes)
        case (true, 1, true): inner.first.map { note($0, in: \.foreignParts) }
        default: break
        }
    }

    private static func passes(_ text: TextBytes, _ test: Test) -> Bool {
        switch test {
        case .startsWith(let wanted): text.hasPrefix(TextBytes(wanted))
        case .endsWith(let wanted): text.hasSuffix(TextBytes(wanted))
        case .contains(let wanted, _): text.contains(TextBytes(wanted))
        case .isLike(let glob): Glob(glob.string).matches(text.bytes.span)
        case .equalsIgnoringCase(let wanted):
            String(decoding: text.bytes, as: UTF8.self).lowercased() == wanted.string.lowercased()
        case .isInNetwork(let network): network.contains(String(decoding: text.bytes, as: UTF8.self))
        case .isNull: false
        case .exists: true
        case .equals(let scalar): isSame(text, scalar)
        case .isOneOf(let scalars): scalars.contains { isSame(text, $0) }
        case .isBetween: true
        }
    }

    private static func isSame(_ text: TextBytes, _ scalar: Scalar) -> Bool {
        if case .string(let wanted) = scalar { TextBytes(wanted) == text } else { false }
    }
}
