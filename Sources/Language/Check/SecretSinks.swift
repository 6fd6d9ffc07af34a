// SecretSinks.swift: every place where a value leaves the run, and what a secret would come to there.
//
// Explicit and complete: the switches have no `default`, so an effect that is added must say what it does with a secret.
// The way out that is allowed is `EffectOption.takesSecrets`. Neighbours: SecretWalk.swift (asks), Engine/SecretGuard.

internal import Diagnostics
internal import Machine

enum SecretSink {
    /// What would become of a secret among the operands of an effect.
    static func words(_ kind: EffectKind, parameter: String) -> String {
        switch kind {
        case .logDebug, .logInfo, .logWarn, .logError: "written to the log"
        case .sqlExecute, .sqlOne, .sqlRows: "sent to the database as a parameter"
        case .stateSave: parameter == "key" ? "part of a key" : "saved in a store"
        case .stateGet, .stateEntry, .stateDelete, .stateGetMany, .settingsGet: "part of a key"
        case .stateTransact: "saved in a store"
        case .stateQuery: "part of a query"
        case .bindingCall: "sent to a binding"
        case .jobSchedule, .jobCancel: "part of the name of a job"
        case .invokeGet, .invokePost, .invokePut, .invokePatch, .invokeDelete:
            parameter == "body" ? "sent in the body of a request" : "part of the path of a request"
        case .publish, .publishAll, .forward: "published"
        case .now, .uuid, .random, .sleep, .conflictPause, .transactionBegin, .transactionCommit,
            .transactionRollback, .secret:
            "an operand of the effect"
        case .lockTake, .lockRelease: "part of the name of a lock"
        }
    }

    /// What would become of a secret in an option that does not take one.
    static func words(_ option: EffectOption) -> String {
        switch option {
        case .query: "part of the query of a request"
        case .attributes, .id, .source, .subject, .time, .type: "published"
        case .data: "handed to a job"
        case .due, .repeats, .metadata, .headers, .etag, .ttl, .timeout, .consistency, .concurrency:
            "sent along as `\(option)`"
        }
    }
}

extension Diagnostic {
    /// - Parameters:
    ///   - words: completes "here it would be …".
    ///   - way: from the call that reads the secret to the place where it would leave.
    static func secretLeaks(_ words: String, at range: SourceRange, way: [SecretOrigin.Step]) -> Diagnostic {
        Diagnostic(
            code: .secretLeaks, title: "a secret would leave the process",
            primary: Label(range, "here it would be \(words)"),
            related: way.filter { $0.range != range }.map { Label($0.range, $0.text) },
            help: ["it may go into the `headers:` of a request, `.hmac_sha256(key)` and `==`, and nowhere else"])
    }
}
