// Clipping.swift: what is quoted from a hostile text stays short.
//
// A name of a megabyte would stand in a title, a label and a help, fifty times over.

/// The text with every run of characters without a blank cut after `runMax`.
func clipped(_ text: String) -> String {
    let runMax = 100
    guard text.utf8.count > 200 else { return text }
    var result = ""
    var run = 0
    for character in text {
        run = character == " " || character == "\n" ? 0 : run + 1
        if run <= runMax { result.append(character) } else if run == runMax + 1 { result.append("…") }
        if result.utf8.count > 4000 { return result + "…" }
    }
    return result
}
