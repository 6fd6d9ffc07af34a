// FormatterGoldenTests.swift: every construct as somebody wrote it, and its canonical form.

import Language
import Testing

struct FormatterGoldenTests {
    @Test(arguments: FormatterGolden.all)
    func `a text has one canonical form`(_ pair: FormatterGolden) {
        #expect(Formatted(pair.written) == .text(pair.canonical))
        #expect(Formatted(pair.canonical) == .text(pair.canonical))
    }

    @Test func `an empty file stays empty`() {
        for blank in ["", "\n\n", "  \n", ";\n;"] { #expect(Formatted(blank) == .text("")) }
        #expect(Formatted("\n\n# only this   ") == .text("# only this\n"))
    }
}
