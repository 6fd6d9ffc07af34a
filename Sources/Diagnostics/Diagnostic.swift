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
        self.text = text
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
        self.text = text
    }
}

package struct Diagnostic: Sendable, Hashable {
    package let code: DiagnosticCode
    package let title: String
    /// Nil only where no place exists (host and configuration).
    package let primary: Label?
    package let related: [Label]
    package let help: [String]
    package let fix: Suggestion?

    package init(
        code: DiagnosticCode, title: String, primary: Label?, related: [Label] = [], help: [String] = [],
        fix: Suggestion? = nil
    ) {
        self.code = code
        self.title = title
        self.primary = primary
        self.related = related
        self.help = help
        self.fix = fix
    }

    package var severity: Severity { code.severity }
}
