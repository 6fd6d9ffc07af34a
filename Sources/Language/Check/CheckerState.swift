// CheckerState.swift: everything that the checker has found out, and the place in the tree where it is.
//
// Neighbours: Checker.swift (the handle that all checks are written on).

internal import Diagnostics
internal import Machine

/// What a checker knows and where it stands; see `Checker` for why it is an object.
///
/// Exclusivity is not checked when it runs: one checker in one thread uses it, and no access lasts longer than the
/// expression that it stands in.
final class CheckerState {
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
    /// Blocks of rules and endpoints, and whether any code reads a secret: for the walk that follows secrets.
    @exclusivity(unchecked) var routeBlocks: [NodeKey] = []
    @exclusivity(unchecked) var readsSecrets = false
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

    init(declarations: Declarations) {
        self.declarations = declarations
        reportedCounts = Array(repeating: 0, count: max(1, declarations.files.count))
        warnedCounts = reportedCounts
        tree = declarations.files.first?.tree ?? SyntaxTree(file: SourceFileID(0))
        callees = NodeTable(for: declarations.files.map(\.tree))
        coercions = NodeTable(for: declarations.files.map(\.tree))
    }
}

extension Checker {
    var declarations: Declarations { state.declarations }
    var diagnostics: [Diagnostic] {
        _read { yield state.diagnostics }
        nonmutating _modify { yield &state.diagnostics }
    }
    var callees: NodeTable<Callee> {
        _read { yield state.callees }
        nonmutating _modify { yield &state.callees }
    }
    var patterns: [NodeKey: Pattern] {
        _read { yield state.patterns }
        nonmutating _modify { yield &state.patterns }
    }
    var compiledPatterns: [ByteText: Pattern] {
        _read { yield state.compiledPatterns }
        nonmutating _modify { yield &state.compiledPatterns }
    }
    var coercions: NodeTable<NodeKey> {
        _read { yield state.coercions }
        nonmutating _modify { yield &state.coercions }
    }
    var file: Int {
        _read { yield state.file }
        nonmutating _modify { yield &state.file }
    }
    var tree: SyntaxTree {
        _read { yield state.tree }
        nonmutating _modify { yield &state.tree }
    }
    var body: BodyContext {
        _read { yield state.body }
        nonmutating _modify { yield &state.body }
    }
    var locals: Locals {
        _read { yield state.locals }
        nonmutating _modify { yield &state.locals }
    }
    var scopeStarts: [Int] {
        _read { yield state.scopeStarts }
        nonmutating _modify { yield &state.scopeStarts }
    }
    var fallibleCount: Int {
        _read { yield state.fallibleCount }
        nonmutating _modify { yield &state.fallibleCount }
    }
    var reached: Set<MemberIndex> {
        _read { yield state.reached }
        nonmutating _modify { yield &state.reached }
    }
    var queue: [MemberIndex] {
        _read { yield state.queue }
        nonmutating _modify { yield &state.queue }
    }
    var memberTypes: [MemberIndex: Type] {
        _read { yield state.memberTypes }
        nonmutating _modify { yield &state.memberTypes }
    }
    var failingFunctions: Set<MemberIndex> {
        _read { yield state.failingFunctions }
        nonmutating _modify { yield &state.failingFunctions }
    }
    var inProgress: Set<MemberIndex> {
        _read { yield state.inProgress }
        nonmutating _modify { yield &state.inProgress }
    }
    var callsItself: Set<MemberIndex> {
        _read { yield state.callsItself }
        nonmutating _modify { yield &state.callsItself }
    }
    var routes: CheckedRoutes {
        _read { yield state.routes }
        nonmutating _modify { yield &state.routes }
    }
    var routeBlocks: [NodeKey] {
        _read { yield state.routeBlocks }
        nonmutating _modify { yield &state.routeBlocks }
    }
    var readsSecrets: Bool {
        _read { yield state.readsSecrets }
        nonmutating _modify { yield &state.readsSecrets }
    }
    var secretMisfits: [Diagnostic] {
        _read { yield state.secretMisfits }
        nonmutating _modify { yield &state.secretMisfits }
    }
    var depth: Int {
        _read { yield state.depth }
        nonmutating _modify { yield &state.depth }
    }
    var isTooDeep: Bool {
        _read { yield state.isTooDeep }
        nonmutating _modify { yield &state.isTooDeep }
    }
    var unknownNames: Set<String> {
        _read { yield state.unknownNames }
        nonmutating _modify { yield &state.unknownNames }
    }
    var unreadNames: Set<String>? {
        _read { yield state.unreadNames }
        nonmutating _modify { yield &state.unreadNames }
    }
    var parameterLists: [MemberIndex: [ParameterDeclaration]] {
        _read { yield state.parameterLists }
        nonmutating _modify { yield &state.parameterLists }
    }
    var reportedCounts: [Int] {
        _read { yield state.reportedCounts }
        nonmutating _modify { yield &state.reportedCounts }
    }
    var warnedCounts: [Int] {
        _read { yield state.warnedCounts }
        nonmutating _modify { yield &state.warnedCounts }
    }
    var comparedEventTypes: Int {
        _read { yield state.comparedEventTypes }
        nonmutating _modify { yield &state.comparedEventTypes }
    }
}
