// Program.swift: a compiled deployment's code: immutable, shared by every loop, swapped whole on reload.
//
// Law 4: a fiber keeps the program that it began with. Built by Assembler.swift, run by Fiber+Dispatch.swift.

package import Diagnostics

/// Position in `Program.functions`.
package struct FunctionIndex: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// One compiled handler, function, rule predicate or rule block.
package struct FunctionCode: Sendable {
    /// As people write it: `widgets.save`.
    package let name: String
    /// Offset of its first word in `Program.code`.
    package let entry: Int
    package let wordCount: Int
    /// Registers of its frame, arguments first.
    package let registerCount: Int
    package let parameterCount: Int
    package let range: SourceRange

    package init(
        name: String, entry: Int, wordCount: Int, registerCount: Int, parameterCount: Int, range: SourceRange
    ) {
        self.name = name
        self.entry = entry
        self.wordCount = wordCount
        self.registerCount = registerCount
        self.parameterCount = parameterCount
        self.range = range
    }
}

/// A stretch of code whose failures are caught. The innermost is listed first.
package struct CatchRange: Sendable {
    /// Offsets in `Program.code`; the failing instruction begins inside.
    package let words: Range<Int>
    /// Where it goes on, as an offset in `Program.code`.
    package let target: Int
    /// The register that gets the failure.
    package let register: UInt8

    package init(words: Range<Int>, target: Int, register: UInt8) {
        self.words = words
        self.target = target
        self.register = register
    }
}

/// From this word on, code stems from this place in the source.
package struct CodePlace: Sendable {
    package let word: Int
    package let range: SourceRange
    package init(word: Int, range: SourceRange) {
        self.word = word
        self.range = range
    }
}

/// The program. (Storage comes with the assembler.)
package final class Program: Sendable {
    package let functions: [FunctionCode]
    package let catchRanges: [CatchRange]
    package let places: [CodePlace]
    package let effectSites: [EffectSite]

    init(
        functions: [FunctionCode], catchRanges: [CatchRange], places: [CodePlace], effectSites: [EffectSite]
    ) {
        self.functions = functions
        self.catchRanges = catchRanges
        self.places = places
        self.effectSites = effectSites
    }
}
