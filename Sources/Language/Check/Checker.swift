// Checker.swift: decides what every name means, infers what is known of every value, and reports what must fail.
//
// One pass over all bodies, the reached ones first: routes, then what they call, then the rest of `scripts/`
// without regard to resources. What the lowering needs is kept by node: callees and checks at run time.
// Neighbours: Checker+Declarations … Checker+Routes (the checks by concern), Lower/ (reads the outcome).

internal import Diagnostics
internal import Machine

/// Which node names what, after checking.
enum Callee: Sendable {
    case constant(MemberIndex)
    /// A function or handler, with an argument for each parameter (`none`: null).
    case member(MemberIndex, [NodeID])
    case effect(EffectCall)
    /// Message and details.
    case failure(FailureClass, [NodeID])
    /// Status, body, headers.
    case response([NodeID])
    case builtin(BuiltinCall)
}

struct EffectCall: Sendable {
    let signature: EffectSignature
    /// Position among the deployment's resources; nil for `now()` and its like.
    let resource: Int?
    /// The SQL or the path: a `string` or a `text`.
    let template: NodeID?
    /// Of SQL: what is known of each `${…}`, in their order.
    var bound: [Type] = []
    /// Words that are known at load: a secret's store, name and key.
    var fixed: [String] = []
    let positional: [NodeID]
    let options: [Option]
    /// As people write it: `inventory.exec`.
    let label: String

    struct Option: Sendable {
        let option: EffectOption
        let value: NodeID
    }
}

/// A builtin method; the receiver is its first argument.
struct BuiltinCall: Sendable {
    let index: UInt32
    let receiver: NodeID
    /// Written `?.`: null when the receiver is.
    let isQuiet: Bool
    /// The receiver is known to be a text.
    let isOnText: Bool
    /// In the order of the builtin's parameters; `none` where an optional one is not given.
    let arguments: [NodeID]
}

/// What keeps a piece of code from assigning the locals around it.
enum Confinement: String {
    case update, transaction, together
}

/// Where the code stands that is being checked, and what it may do there.
struct BodyContext {
    enum Purity: Equatable {
        case effects
        /// Why not: "a `fn` is pure".
        case pure(String)
    }
    /// For messages: "handler `settle`".
    var owner: String
    var purity: Purity
    /// Whether the deployment's routes reach it, so that its resources must be there.
    var isReached: Bool
    var loopDepth = 0
    /// Locals below this position may not be assigned, since `confinement` does not allow it.
    var assignableFrom = 0
    var confinement = Confinement.update
    var isInUpdate = false
    /// A branch of a `together`.
    var isInTogether = false
    /// The block of a `transaction`.
    var transaction: TransactionContext?
    var allowsReturn = true
    var allowsRunEnds = true
    /// A `where`: runs in quiet mode.
    var isPredicate = false
    var declaredResult: Type?
    var declaredResultNode: NodeKey?
    var result = Type.never
    /// The route that says what the handler's parameter is, when the parameter itself does not.
    var parameterRoute: Label?
    /// A handler without a parameter.
    var takesNothing = false
}

/// What a checker knows, and where it stands in the tree.
///
/// An object: as a struct of forty words it was copied whole wherever a helper read a part of it, a tenth of the time of a
/// check. Exclusivity is not checked when it runs: one checker in one thread uses it, and no access lasts longer than
/// the expression that it stands in.
final class Checker {
    let declarations: Declarations
    @exclusivity(unchecked) var diagnostics: [Diagnostic] = []
    @exclusivity(unchecked) var callees: NodeTable<Callee>
    /// The regular expression that a pattern's argument is, and all of them by their text.
    @exclusivity(unchecked) var patterns: [NodeKey: Pattern] = [:]
    @exclusivity(unchecked) var compiledPatterns: [ByteText: Pattern] = [:]
    /// Expressions whose value is checked against a written type when it runs.
    @exclusivity(unchecked) var coercions: NodeTable<NodeKey>

    @exclusivity(unchecked) var file = 0
    @exclusivity(unchecked) var tree: SyntaxTree
    @exclusivity(unchecked) var body = BodyContext(owner: "", purity: .effects, isReached: true)
    @exclusivity(unchecked) var locals = Locals()
    @exclusivity(unchecked) var scopeStarts: [Int] = []
    /// Counts what can fail, so that a `catch` around nothing is found.
    @exclusivity(unchecked) var fallibleCount = 0

    @exclusivity(unchecked) var reached: Set<MemberIndex> = []
    @exclusivity(unchecked) var queue: [MemberIndex] = []
    /// Results of functions and types of constants, once known.
    @exclusivity(unchecked) var memberTypes: [MemberIndex: Type] = [:]
    @exclusivity(unchecked) var failingFunctions: Set<MemberIndex> = []
    @exclusivity(unchecked) var inProgress: Set<MemberIndex> = []
    @exclusivity(unchecked) var callsItself: Set<MemberIndex> = []
    @exclusivity(unchecked) var routes = CheckedRoutes()
    @exclusivity(unchecked) var routedParameters = RoutedParameters()
    /// Subscriptions with `once`: what their handlers write is looked at when all of them are checked.
    @exclusivity(unchecked) var onceSubscriptions: [OnceSubscription] = []
    /// Blocks of rules and endpoints, and whether any code reads a secret: for the walk that follows secrets.
    @exclusivity(unchecked) var routeBlocks: [NodeKey] = []
    @exclusivity(unchecked) var readsSecrets = false
    /// Where code looks into `request.claims` as if there always were some; and the name that was last read of a request.
    @exclusivity(unchecked) var claimsReads: [SourceRange] = []
    @exclusivity(unchecked) var lastRequestField: NodeKey?
    /// Where a secret stands for something else: reported unless it is a leak as well.
    @exclusivity(unchecked) var secretMisfits: [Diagnostic] = []
    /// How many expressions stand around this one. The walk calls itself, so this bounds the stack.
    @exclusivity(unchecked) var depth = 0
    @exclusivity(unchecked) var isTooDeep = false
    /// Reported, by owner and name: a name that is missing in a handler is missing there every time.
    @exclusivity(unchecked) var unknownNames: Set<String> = []
    /// Parameters of functions and handlers, once they were asked for.
    @exclusivity(unchecked) var parameterLists: [MemberIndex: [ParameterDeclaration]] = [:]
    /// What the parts with syntax errors may declare; read when it is first asked for.
    @exclusivity(unchecked) var unreadNames: Set<String>?

    /// Errors by file, and warnings.
    @exclusivity(unchecked) var reportedCounts: [Int]
    @exclusivity(unchecked) var warnedCounts: [Int]
    /// Event types and patterns with a `*` that were compared with each other.
    @exclusivity(unchecked) var comparedEventTypes = 0

    /// Expressions in expressions that are gone into.
    let depthMax: Int

    init(declarations: Declarations, depthMax: Int) {
        self.declarations = declarations
        self.depthMax = depthMax
        reportedCounts = Array(repeating: 0, count: max(1, declarations.files.count))
        warnedCounts = reportedCounts
        tree = declarations.files.first?.tree ?? SyntaxTree(file: SourceFileID(0))
        callees = NodeTable(for: declarations.files.map(\.tree))
        coercions = NodeTable(for: declarations.files.map(\.tree))
    }

    var module: ModuleIndex { declarations.files[file].module }

    // Reading the tree.

    func kind(_ node: NodeID) -> NodeKind { tree.kind(of: node) }
    func range(_ node: NodeID) -> SourceRange { tree.range(of: node) }
    func child(_ position: Int, _ node: NodeID) -> NodeID { tree.child(position, of: node) }
    func key(_ node: NodeID) -> NodeKey { NodeKey(file: file, node: node) }
    func symbol(_ node: NodeID) -> Symbol? { kind(node) == .name ? tree.symbol(of: node) : nil }
    func text(_ symbol: Symbol) -> String { declarations.symbols[symbol] }

    /// The text of a name or a string; empty for what could not be parsed.
    func word(_ node: NodeID) -> String {
        switch kind(node) {
        case .name: text(tree.symbol(of: node))
        case .string: tree.string(of: node)
        default: ""
        }
    }

    /// The word that a construct begins with.
    func firstWord(of node: NodeID, _ word: String) -> SourceRange {
        let whole = range(node)
        return SourceRange(
            file: whole.file, start: whole.start, end: min(whole.end, whole.start + UInt32(word.utf8.count)))
    }

    /// Keeps what is wrong, up to twice as many errors and as many warnings of a file as are shown.
    func report(_ diagnostic: Diagnostic) {
        guard let file = diagnostic.primary.map({ Int($0.range.file.rawValue) }) else {
            diagnostics.append(diagnostic)
            return
        }
        // Each for itself: a warning must never take the place of the error that keeps a deployment from going live.
        if diagnostic.severity == .error {
            guard reportedCounts[file] < Self.reportedMax else { return }
            reportedCounts[file] += 1
        } else {
            guard warnedCounts[file] < Self.reportedMax else { return }
            warnedCounts[file] += 1
        }
        diagnostics.append(diagnostic)
    }

    private static let reportedMax = 2 * Compiler.diagnosticsPerFileMax
    /// Nothing more of this file would be kept: what a name was meant to be is not looked for any more, so that the
    /// work for all wrong names together does not grow with their number times that of the right ones.
    var isSaturated: Bool { reportedCounts[file] >= Self.reportedMax }

    /// Runs `work` with another file's tree.
    func inFile<Result>(_ other: Int, _ work: (Checker) -> Result) -> Result {
        guard other != file else { return work(self) }
        let saved = (file, tree)
        file = other
        tree = declarations.files[other].tree
        defer { (file, tree) = saved }
        return work(self)
    }

    /// Runs `work` without a word of what it reports.
    func quietly<Result>(_ work: (Checker) -> Result) -> Result {
        let count = diagnostics.count
        defer { diagnostics.removeSubrange(count...) }
        return work(self)
    }

    /// Checks a body of its own: with its own locals, and without the ones around.
    func inBody<Result>(_ context: BodyContext, _ work: (Checker) -> Result) -> (Result, BodyContext) {
        let saved = (body, locals, scopeStarts, fallibleCount)
        body = context
        locals = Locals()
        scopeStarts = []
        fallibleCount = 0
        let result = inScope(work)
        let ended = body
        (body, locals, scopeStarts, fallibleCount) = saved
        return (result, ended)
    }

    func inScope<Result>(_ work: (Checker) -> Result) -> Result {
        scopeStarts.append(locals.count)
        let result = work(self)
        let start = scopeStarts.removeLast()
        // Where something could not be read it may have been used.
        if locals.count > start {
            for local in locals[start...] where local.isReported && !local.isUsed && isIntact(around: local.range) {
                report(.unusedBinding(text(local.name), at: local.range))
            }
            locals.remove(from: start)
        }
        return result
    }

    /// Makes a name known from here to the end of the scope.
    func bind(
        _ node: NodeID, _ type: Type, isVariable: Bool = false, isReported: Bool = true
    ) {
        guard let name = symbol(node) else { return }
        let start = scopeStarts.last ?? 0
        var first: Int?
        if let newest = locals.newest(name), newest >= start {
            first = locals[newest].first ?? newest
        }
        if let other = first {
            if isIntact(around: range(node)) {
                report(.duplicateName(text(name), at: range(node), other: locals[other].range))
            }
            locals[other].isUsed = true
        } else if !declarations.roles(of: name).isEmpty, let other = declaredElsewhere(name) {
            report(.shadowedName(text(name), at: range(node), what: other.what, other: other.range))
        }
        let isKeptQuiet = text(name).utf8.first == UInt8(ascii: "_")
        locals.append(
            Local(
                name: name, range: range(node), type: type, isVariable: isVariable,
                isReported: isReported && !isKeptQuiet, first: first))
    }

    /// What a local of this name would hide.
    private func declaredElsewhere(_ name: Symbol) -> (what: String, range: SourceRange?)? {
        let spelling = text(name)
        if let member = declarations.member(name, in: module) {
            return ("\(declarations[member].kind.word) `\(spelling)`", declarations[member].nameRange)
        }
        if let resource = declarations.resource(name) {
            let declaration = declarations.resources[resource]
            return ("\(declaration.kind.rawValue) `\(spelling)`", declaration.nameRange)
        }
        if let record = declarations.record(name) {
            return ("record `\(spelling)`", declarations[record].nameRange)
        }
        if declarations.isModuleHead(name) { return ("module `\(spelling)`", nil) }
        if declarations.isBuiltin(name) {
            return ("builtin `\(spelling)`", nil)
        }
        return nil
    }

    func local(named name: Symbol) -> Int? { locals.newest(name) }
}

extension Diagnostic {
    static func unusedBinding(_ name: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .unusedBinding, title: "`\(name)` is never used", primary: Label(range, "bound here, read nowhere"),
            help: ["remove it, or call it `_\(name)` when it is there on purpose"])
    }

    static func duplicateName(_ name: String, at range: SourceRange, other: SourceRange) -> Diagnostic {
        Diagnostic(
            code: .duplicateName, title: "`\(name)` is declared twice", primary: Label(range, "declared again here"),
            related: [Label(other, "first declared here")])
    }

    static func shadowedName(
        _ name: String, at range: SourceRange, what: String, other: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: .shadowedName, title: "`\(name)` hides another name",
            primary: Label(range, "this would hide the \(what)"),
            related: other.map { [Label($0, "declared here")] } ?? [], help: ["choose another name"])
    }
}
