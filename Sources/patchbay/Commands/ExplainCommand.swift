// ExplainCommand.swift: `patchbay explain E0301`: a diagnostic's page.

internal import Diagnostics

extension Command {
    static let explain = Command(
        name: "explain", operands: "CODE", summary: "Print the page of a diagnostic, such as E0301.", flags: [],
        action: { (options, _) async throws(UsageError) in
            guard options.operands.count == 1, let word = options.operands.first else {
                throw UsageError(message: "which code?", help: "for example: patchbay explain E0301")
            }
            guard let code = DiagnosticCode(rawValue: word.uppercased()), let page = Catalogue.page(for: code) else {
                let close = nearest(word.uppercased(), in: DiagnosticCode.allCases.map(\.rawValue))
                throw UsageError(message: "there is no code `\(word)`", help: close.map { "did you mean `\($0)`?" })
            }
            Terminal.standard.print(page.markdown)
            return .fine
        })
}
