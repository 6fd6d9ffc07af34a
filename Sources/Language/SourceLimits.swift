// SourceLimits.swift: how large and how deep the text of a deployment may be (language.md section 11).
//
// Neighbours: Syntax/Parser.swift and Syntax/Lexer.swift (keep to them), Check/Checker.swift.

/// Limits of one source file. Each is met with an error that names the place.
package struct SourceLimits: Sendable, Equatable {
    /// Bytes of a file; more is E0110.
    package var bytesMax: Int
    /// Brackets in brackets, and everything else that makes the parser call itself; more is E0206.
    package var nestingMax: Int

    package init(bytesMax: Int, nestingMax: Int) {
        self.bytesMax = bytesMax
        self.nestingMax = nestingMax
    }

    package static let standard = SourceLimits(bytesMax: 1 << 20, nestingMax: 200)

    /// The most that can be asked for: a level takes 14 KB of stack at most in a debug build, and a thread has 8 MB.
    package static let nestingCeiling = 400

    /// Expressions in expressions that the checker goes into: a level of brackets is one, and some are without.
    var depthMax: Int { nestingMax + 56 }
}
