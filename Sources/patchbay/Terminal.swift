// Terminal.swift: standard output and standard error, and whether they want colour and box characters.
//
// Colour only on a terminal and without NO_COLOR; box characters only where the locale is UTF-8.

internal import Transport

struct Terminal: Sendable {
    /// Colour on standard error, where diagnostics go.
    let isColoured: Bool
    /// Colour on standard output, where data goes.
    let isOutputColoured: Bool
    /// Box characters can be shown.
    let isUnicode: Bool

    static let standard = Terminal(environment: ProcessEnvironment.all)

    private init(environment: [String: String]) {
        let wantsNone = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        let mayColour = !wantsNone && environment["TERM"] != "dumb"
        isColoured = mayColour && StandardStream.error.isTerminal
        isOutputColoured = mayColour && StandardStream.output.isTerminal
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? "C.UTF-8"
        let folded = locale.lowercased()
        isUnicode = folded.contains("utf-8") || folded.contains("utf8")
    }

    func print(_ text: String) { StandardStream.output.write(text) }
    func printError(_ text: String) { StandardStream.error.write(text) }
}
