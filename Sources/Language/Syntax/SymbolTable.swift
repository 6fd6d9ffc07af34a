// SymbolTable.swift: interned words: equal words have equal numbers.
//
// Open addressing over the words' bytes, so that the lexer interns without making a `String`.
// Neighbours: Word.swift (the words that come first), Lexer.swift.

/// An interned word of the deployment. Equal words have equal symbols in one `SymbolTable`.
package struct Symbol: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// The words of a deployment; shared by all of its trees.
package struct SymbolTable: Sendable {
    private struct Entry {
        let hash: UInt32
        let offset: UInt32
        let length: UInt32
    }

    /// Symbol + 1, or 0 where a slot is free. Its count is a power of two, at most half full.
    private var slots: [UInt32]
    private var entries: [Entry] = []
    /// All words' bytes, one after another.
    private var bytes: [UInt8] = []
    private var texts: [String] = []

    package init() {
        slots = Array(repeating: 0, count: 1024)
        for word in Word.allCases {
            let symbol = intern(word.text)
            precondition(symbol == word.symbol, "the words of the grammar are interned first")
        }
    }

    package var count: Int { entries.count }
    package subscript(symbol: Symbol) -> String { texts[Int(symbol.rawValue)] }

    package mutating func intern(_ text: String) -> Symbol {
        let word = Array(text.utf8)
        return intern(word, 0..<word.count, hash: SymbolTable.hash(word))
    }

    package func symbol(for text: String) -> Symbol? {
        let word = Array(text.utf8)
        let found = slots[slot(of: word, 0..<word.count, hash: SymbolTable.hash(word))]
        return found == 0 ? nil : Symbol(found - 1)
    }

    /// FNV-1a; the lexer computes it while it looks for a word's end.
    static let hashSeed: UInt32 = 2_166_136_261
    @inline(__always)
    static func hash(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 16_777_619 }
    private static func hash(_ word: [UInt8]) -> UInt32 { word.reduce(hashSeed, hash) }

    @inline(__always)
    mutating func intern(_ source: [UInt8], _ range: Range<Int>, hash: UInt32) -> Symbol {
        let place = slot(of: source, range, hash: hash)
        let found = slots[place]
        return found == 0 ? insert(source, range, hash: hash, at: place) : Symbol(found - 1)
    }

    /// Where the word is, or where it would go.
    @inline(__always)
    private func slot(of source: [UInt8], _ range: Range<Int>, hash: UInt32) -> Int {
        let mask = slots.count - 1
        var place = Int(hash ^ (hash >> 15)) & mask
        while slots[place] != 0, !matches(entries[Int(slots[place] - 1)], source, range, hash: hash) {
            place = (place + 1) & mask
        }
        return place
    }

    @inline(__always)
    private func matches(_ entry: Entry, _ source: [UInt8], _ range: Range<Int>, hash: UInt32) -> Bool {
        guard entry.hash == hash, Int(entry.length) == range.count else { return false }
        let offset = Int(entry.offset)
        var index = 0
        while index < range.count {
            if bytes[offset + index] != source[range.lowerBound + index] { return false }
            index += 1
        }
        return true
    }

    @inline(never)
    private mutating func insert(_ source: [UInt8], _ range: Range<Int>, hash: UInt32, at place: Int) -> Symbol {
        let symbol = Symbol(UInt32(entries.count))
        entries.append(Entry(hash: hash, offset: UInt32(bytes.count), length: UInt32(range.count)))
        bytes.append(contentsOf: source[range])
        texts.append(String(decoding: source[range], as: UTF8.self))
        slots[place] = symbol.rawValue + 1
        if entries.count * 2 > slots.count { grow() }
        return symbol
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, entry) in entries.enumerated() {
            var place = Int(entry.hash ^ (entry.hash >> 15)) & mask
            while slots[place] != 0 { place = (place + 1) & mask }
            slots[place] = UInt32(index + 1)
        }
    }
}
