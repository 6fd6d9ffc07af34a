// ExplainCommand.swift: `patchbay explain E0301`: a diagnostic's page; `patchbay explain split`: a builtin's.

internal import Diagnostics
internal import Language

extension Command {
    static let explain = Command(
        name: "explain", operands: "CODE|BUILTIN",
        summary: "Print the page of a diagnostic, such as E0301, or of a builtin, such as split.", flags: [],
        action: { (options, _) async throws(UsageError) in
            guard options.operands.count == 1, let word = options.operands.first else {
                throw UsageError(
                    message: "which code or builtin?", help: "for example: patchbay explain E0301, patchbay explain split")
            }
            if let page = BuiltinPages.page(for: word) {
                Terminal.standard.print(page)
                return .fine
            }
            guard let code = DiagnosticCode(rawValue: word.uppercased()), let page = Catalogue.page(for: code) else {
                let close =
                    nearest(word.uppercased(), in: DiagnosticCode.allCases.map(\.rawValue))
                    ?? nearest(word, in: BuiltinPages.names)
                throw UsageError(
                    message: "there is no code or builtin `\(word)`", help: close.map { "did you mean `\($0)`?" })
            }
            Terminal.standard.print(page.markdown)
            return .fine
        })
}
