// Terminal.swift: standard output and standard error, and whether they want colour and box characters.
//
// Colour only on a terminal and without NO_COLOR; box characters only where the locale is UTF-8.

internal import Glibc

struct Terminal: Sendable {
    /// Colour on standard error, where diagnostics go.
    let isColoured: Bool
    /// Box characters can be shown.
    let isUnicode: Bool

    static let standard = Terminal(environment: Environment.all)

    private init(environment: [String: String]) {
        let wantsNone = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColoured = !wantsNone && isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? "C.UTF-8"
        let folded = locale.lowercased()
        isUnicode = folded.contains("utf-8") || folded.contains("utf8")
    }

    func print(_ text: String) { Self.write(text, to: STDOUT_FILENO) }
    func printError(_ text: String) { Self.write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return }
                sent += count
            }
        }
    }
}

/// The process's variables.
enum Environment {
    static let all: [String: String] = {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return result
    }()
}
