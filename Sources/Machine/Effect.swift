// Effect.swift: what a fiber may ask of its host, as data.
//
// An effect is one request and one reply. The program holds a site for each place that asks; at run time the
// fiber names the site, and the operands stand in its registers. Nothing here does anything.
// Neighbours: Program.swift (holds the sites), Engine/EffectPerformer (carries them out).

package import Diagnostics

/// What is asked for. The operands named here come first, in this order; then the site's options.
package enum EffectKind: UInt8, CaseIterable, Sendable {
    /// SQL; operands are the bound parameters `$1 …`; the text is the site's template.
    case sqlExecute, sqlOne, sqlRows
    /// `key`
    case stateGet
    /// `key` → `{ value, etag }` (`null` value and etag when absent)
    case stateEntry
    /// `key, value`; options `etag ttl consistency concurrency`
    case stateSave
    /// `key`; options `etag`
    case stateDelete
    /// `keys` → list of values in the order of the keys
    case stateGetMany
    /// `changes`: list of `{ save, value, etag, ttl }` and `{ delete, etag }`
    case stateTransact
    /// `query` → `{ results: [{ key, value, etag }], token }`
    case stateQuery
    /// path operands, then for POST PUT PATCH the body; options `query headers`
    case invokeGet, invokePost, invokePut, invokePatch, invokeDelete
    /// `data`; options `type id source subject time attributes metadata`
    case publish
    /// `list`; options as of `publish`. The template names options that are read from each item: `id.customer.name`
    case publishAll
    /// `event`
    case forward
    /// `data`, the template being the operation; or `operation, data`. Option `metadata`
    case bindingCall
    /// `keys` or null → object of strings
    case settingsGet
    /// → time
    case now
    /// → string
    case uuid
    /// → float in 0..<1
    case random
    /// `duration`
    case sleep
    /// `attempt` (int from 0): jittered pause of an `update` that met a conflict, 5 ms doubling to 500 ms
    case conflictPause
    /// `text, fields`
    case logDebug, logInfo, logWarn, logError
    /// option `timeout`: from here to commit or rollback the run's statements go to one connection, in order → null,
    /// or, when the block was done for this event before, a list of its value alone
    case transactionBegin
    /// `value`, that of the block
    case transactionCommit
    /// Never fails; nothing to do when no transaction is open (the server ended it, or its connection is gone)
    case transactionRollback
    /// `name`; options `due data repeats`
    case jobSchedule
    /// `name`
    case jobCancel
    /// → secret; the template is the store, the name, and the key where one is stated
    case secret
    /// `resource`; options `ttl timeout` → the owner, a string; class `conflict` while somebody else has it
    case lockTake
    /// `resource, owner`; class `conflict` when the lock was lost on the way; nothing to do when it is not held
    case lockRelease
}

/// A named option of an effect; its operand follows the positional ones, in the order of `EffectSite.options`.
package enum EffectOption: UInt8, CaseIterable, Sendable {
    case timeout, etag, ttl, consistency, concurrency, query, headers, type, id, source, subject, time
    case attributes, metadata, due, data, repeats
}

extension EffectOption {
    /// Whether secrets may leave by it: in the headers of a request, and nowhere else.
    package var takesSecrets: Bool { self == .headers }
}

/// Position in the deployment's list of resources. Not a count.
package struct ResourceIndex: Hashable, Sendable {
    package let rawValue: UInt16
    package init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// One place in a program that asks for an effect.
package struct EffectSite: Sendable {
    package let kind: EffectKind
    /// The resource behind it; nil for `now`, `uuid`, `random`, `sleep`, `log`.
    package let resource: ResourceIndex?
    /// The first operand's register; the others follow.
    package let firstOperand: UInt8
    /// How many operands there are before the options.
    package let positionalCount: UInt8
    package let options: [EffectOption]
    /// SQL: the text with `$1 …` in it, one piece. Invocation: the path's literal pieces, one more than it has
    /// operands, which are percent-encoded as one segment each. A secret: its store, name and key. `publishAll` and `bindingCall`: see there. Otherwise empty.
    package let template: [String]
    /// As people write it: `inventory.exec`.
    package let label: String
    /// The handler or rule that it stands in.
    package let handler: String
    /// The how-manieth effect of its handler this is, from 0.
    package let ordinal: UInt32
    package let range: SourceRange

    package init(
        kind: EffectKind, resource: ResourceIndex?, firstOperand: UInt8, positionalCount: UInt8,
        options: [EffectOption], template: [String], label: String, handler: String, ordinal: UInt32,
        range: SourceRange
    ) {
        self.kind = kind
        self.resource = resource
        self.firstOperand = firstOperand
        self.positionalCount = positionalCount
        self.options = options
        self.template = template
        self.label = label
        self.handler = handler
        self.ordinal = ordinal
        self.range = range
    }

    package var operandCount: Int { Int(positionalCount) + options.count }
}

/// Position in `Program.effectSites`.
package struct EffectSiteIndex: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
}
