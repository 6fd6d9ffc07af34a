// Checker+Claims.swift: handlers that look into `request.claims`, and endpoints that have none for them.
//
// Neighbours: Checker+Authentication.swift (which endpoints have), Checker+Names.swift (how fields are read).

internal import Diagnostics

extension Checker {
    /// Notes that what stands in `object` is looked into, when that is the claims of a request.
    ///
    /// - Parameter object: was checked just now.
    func noteReadOfClaims(_ object: NodeID) {
        guard kind(object) == .member, word(child(1, object)) == "claims", lastRequestField == key(child(1, object))
        else {
            return
        }
        claimsReads.append(range(object))
    }

    /// Endpoints that give their handler no claims, and handlers that look into them all the same.
    func checkClaims() {
        guard !claimsReads.isEmpty else { return }
        let reads = Dictionary(grouping: claimsReads, by: \.file).mapValues { $0.sorted { $0.start < $1.start } }
        for endpoint in routes.endpoints where !endpoint.options.isAuthenticationUnread {
            if case .webToken? = endpoint.options.authentication { continue }
            let (file, node) =
                switch endpoint.action {
                case .handler(let member): (declarations[member].key.file, declarations[member].key.node)
                case .block(let key): (key.file, key.node)
                }
            let whole = declarations.files[file].tree.range(of: node)
            guard let read = Self.first(of: reads[whole.file] ?? [], from: whole.start), read.end <= whole.end else {
                continue
            }
            report(
                .claimsAreNull(
                    at: endpoint.range, read: read, hasSharedToken: endpoint.options.authentication != nil))
        }
    }

    /// By halves: a deployment may have ten thousand of both.
    private static func first(of sorted: [SourceRange], from start: UInt32) -> SourceRange? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].start < start { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count ? sorted[low] : nil
    }
}

extension Diagnostic {
    static func claimsAreNull(at range: SourceRange, read: SourceRange, hasSharedToken: Bool) -> Diagnostic {
        Diagnostic(
            code: .claimsAreNull, title: "`request.claims` is null at this endpoint",
            primary: Label(range, hasSharedToken ? "a shared token makes no claims" : "it has no `auth`"),
            related: [Label(read, "looking into null ends the request here")],
            help: [
                "say whose tokens are taken: `(auth: { issuer: …, audience: …, keys: … })`",
                "where both are right, read them with `?.`",
            ])
    }
}
