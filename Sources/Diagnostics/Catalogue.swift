// Catalogue.swift: what every code means: the pages of `patchbay explain` and of `docs/errors`.
//
// A page is a title pattern, one paragraph, a wrong example and a right one. The wrong one yields exactly that
// code and the right one nothing: tests compile them. Pages stand in one file an area.
// Neighbours: DiagnosticCode.swift (numbers), Catalogue+Text.swift … Catalogue+Host.swift (pages).

/// One file or several that show something.
package struct CatalogueExample: Sendable, ExpressibleByStringLiteral {
    package let files: [File]

    package struct File: Sendable {
        /// `scripts/example.bay`: decides what the file may hold, and its module's name.
        package let path: String
        package let text: String
        package init(_ path: String, _ text: String) {
            self.path = path
            self.text = text
        }
    }

    package init(files: [File]) { self.files = files }
    package init(stringLiteral text: String) { files = [File("scripts/example.bay", text)] }
}

package struct CataloguePage: Sendable {
    package let code: DiagnosticCode
    /// As it is printed, with `…` where the user's words stand.
    package let title: String
    /// One paragraph: why it is wrong, and what to do.
    package let explanation: String
    /// Yields exactly `code`. Nil where no text can show it: bytes that are no text, a host's condition.
    package let wrong: CatalogueExample?
    package let right: CatalogueExample?
    /// SQL that makes the tables of the examples, where only a database can tell them apart. Without it both are clean.
    package let schema: String?

    package init(
        _ code: DiagnosticCode, _ title: String, _ explanation: String, schema: String? = nil,
        wrong: CatalogueExample? = nil, right: CatalogueExample? = nil
    ) {
        self.code = code
        self.title = title
        self.explanation = explanation
        self.wrong = wrong
        self.right = right
        self.schema = schema
    }

    /// The page as Markdown: what `docs/errors/CODE.md` holds and `patchbay explain CODE` prints.
    package var markdown: String {
        var text = "# \(code.rawValue): \(title)\n\n\(explanation)\n"
        if let schema { text += "\n## The database\n\n```sql\n\(schema)\n```\n" }
        if let wrong { text += "\n## Wrong\n" + CataloguePage.blocks(wrong) }
        if let right { text += "\n## Right\n" + CataloguePage.blocks(right) }
        return text
    }

    private static func blocks(_ example: CatalogueExample) -> String {
        example.files.map { file in
            let name = example.files.count > 1 ? "\n`\(file.path)`:\n" : ""
            let end = file.text.hasSuffix("\n") ? "" : "\n"
            return "\(name)\n```bay\n\(file.text)\(end)```\n"
        }.joined()
    }
}

package enum Catalogue {
    /// All pages, in the order of their codes.
    package static let pages: [CataloguePage] =
        (text + grammar + names + types + routes + effects + database + warnings + faults + host).sorted {
            $0.code.rawValue < $1.code.rawValue
        }

    package static func page(for code: DiagnosticCode) -> CataloguePage? { pages.first { $0.code == code } }

    /// What `docs/errors/README.md` holds: every code with its title, by area.
    package static var index: String {
        var text = """
            # Diagnostics

            Every code that Patchbay prints, with a page of its own: `patchbay explain E0301` prints the same. Codes are
            never reused and never renumbered. These pages are written from the catalogue in `Sources/Diagnostics`:
            `PATCHBAY_WRITE=1 swift test --filter ErrorPages`.

            """
        for area in areas {
            text += "\n## \(area.prefix)xx: \(area.title)\n\n"
            for page in pages where page.code.rawValue.hasPrefix(area.prefix) {
                text += "- [\(page.code.rawValue)](\(page.code.rawValue).md): \(page.title)\n"
            }
        }
        return text
    }

    private static let areas: [(prefix: String, title: String)] = [
        ("E01", "text and tokens"), ("E02", "grammar"), ("E03", "names"), ("E04", "types and failures"),
        ("E05", "routes"), ("E06", "effects"), ("W08", "warnings"), ("F09", "faults of a running handler"),
        ("H10", "host and configuration"),
    ]

    /// `E0301`, in any case. Nil: no such code.
    package static func code(named text: String) -> DiagnosticCode? { DiagnosticCode(rawValue: text.uppercased()) }
}
