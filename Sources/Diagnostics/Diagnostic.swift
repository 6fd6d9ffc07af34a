// Diagnostic.swift: one thing that is wrong, with its places and its cure.
//
// Wording sits beside the check that needs it, as a factory; the catalogue owns the code and the long text.
// Neighbours: DiagnosticCode.swift, Catalogue.swift, TextRenderer.swift, JSONRenderer.swift.

package enum Severity: String, Sendable {
    case error, warning, fault
}

/// A place and why it is shown.
package struct Label: Sendable, Hashable {
    package let range: SourceRange
    package let text: String
    package init(_ range: SourceRange, _ text: String) {
        self.range = range
        self.text = clipped(text)
    }
}

/// An edit that a tool may apply. Only when it is certain.
package struct Suggestion: Sendable, Hashable {
    package let range: SourceRange
    package let replacement: String
    /// For people: "replace `totl` with `total`".
    package let text: String
    package init(range: SourceRange, replacement: String, text: String) {
        self.range = range
        self.replacement = replacement
        self.text = clipped(text)
    }
}

/// A named fact about a fault or the host, shown before the help: "event", "effects already carried out".
package struct Note: Sendable, Hashable {
    package let name: String
    package let text: String
    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}

package struct Diagnostic: Sendable, Hashable {
    package let code: DiagnosticCode
    package let title: String
    /// Nil only where no place exists (host and configuration).
    package let primary: Label?
    package let related: [Label]
    package let notes: [Note]
    /// At most two.
    package let help: [String]
    package let fix: Suggestion?

    package init(
        code: DiagnosticCode, title: String, primary: Label?, related: [Label] = [], notes: [Note] = [],
        help: [String] = [], fix: Suggestion? = nil
    ) {
        self.code = code
        self.title = clipped(title)
        self.primary = primary
        self.related = related
        self.notes = notes
        self.help = help.map(clipped)
        self.fix = fix
    }

    package var severity: Severity { code.severity }

    /// The order in which people read them: by file and place, at the same place the shorter first, then by code.
    /// Those without a place come first.
    package static func isBefore(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
        guard let first = left.primary?.range, let second = right.primary?.range else {
            return left.primary == nil && right.primary != nil
        }
        if first.file != second.file { return first.file < second.file }
        if first.start != second.start { return first.start < second.start }
        if first.end != second.end { return first.end < second.end }
        return left.code.rawValue < right.code.rawValue
    }
}
