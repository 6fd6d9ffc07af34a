// Parser.swift: one file's tokens into its tree; the machinery that all of the grammar uses.
//
// Recursive descent with one token of lookahead where the grammar allows it. After an error the parser is
// silent (`isRecovering`) until it has reached a bracket's end or a new statement: one cause, one message.
// Every opener knows its closing token, so neither is ever searched for. Loops progress or end.
// Neighbours: Lexer.swift, Parser+Declarations/Routes/Types/Statements/Expressions/…, SyntaxTree.swift.

package import Diagnostics

package struct Parser {
    let bytes: [UInt8]
    let file: SourceFileID
    private let nestingMax: Int
    var tokens: [Token]
    var tree: TreeBuilder
    var diagnostics: [Diagnostic] = []
    var position = 0
    /// The token that closes the innermost bracket: nothing inside of it goes further.
    var bracketEnd: Int
    /// Directly inside `( )`, `[ ]` or `${ }`: line ends separate nothing.
    var ignoresLineEnds = false
    /// In the expression before a block: the first `{` that may open that block does.
    var isHead = false
    /// In a condition: `=` can only be meant as `==`.
    var isCondition = false
    /// An error was reported and nothing more is, until the next safe place.
    var isRecovering = false
    /// Inside a bracket that was reported as never closed.
    var mutes = 0
    var depth = 0
    /// Where the innermost item that was begun last begins.
    var itemStart = 0
    /// Reserved words that were reported as names: where they are used is no second mistake.
    var misusedWords: Set<UInt32> = []
    /// Parts that were told of as a whole: what the lexer found in them is no second mistake.
    var swallowed: [SourceRange] = []
    /// Children of the nodes that are being built, innermost last.
    var pending: [NodeID] = []

    /// Reads a file. The tree is the best that could be built; `tree.hasErrors` says that parts may be missing.
    /// The diagnostics are in source order, at most 50.
    package static func parse(
        _ source: SourceFile, id: SourceFileID, symbols: inout SymbolTable, limits: SourceLimits = .standard
    ) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
        if let refusal = refuse(source, id: id, bytesMax: limits.bytesMax) { return (emptyTree(id), [refusal]) }
        var lexer = Lexer(bytes: source.bytes, file: id, nestingMax: limits.nestingMax)
        lexer.run(symbols: &symbols)
        if lexer.isAbandoned {
            let first = lexer.diagnostics.sorted(by: Diagnostic.isBefore)
            return (emptyTree(id), first)
        }
        var strays: [Diagnostic] = []
        var tokens = lexer.tokens
        lexer.tokens = []
        if !lexer.isBalanced {
            strays = BracketRepair.run(&tokens, bytes: source.bytes, file: id, nestingMax: limits.nestingMax)
            strays.removeAll { BracketRepair.isSwallowed($0, by: lexer.diagnostics, in: source.bytes) }
        }
        var parser = Parser(bytes: source.bytes, file: id, nestingMax: limits.nestingMax, tokens: tokens)
        tokens = []
        parser.diagnostics = strays
        parser.parseFile()
        let swallowed = parser.swallowed
        var diagnostics = lexer.diagnostics.filter { diagnostic in
            guard let place = diagnostic.primary?.range.start else { return true }
            return !swallowed.contains { $0.start <= place && place < $0.end }
        }
        diagnostics += parser.diagnostics
        diagnostics.sort(by: Diagnostic.isBefore)
        if diagnostics.count > diagnosticsMax { diagnostics.removeSubrange(diagnosticsMax...) }
        // With that many, some are not told, and where they are is not known.
        let isWhole = diagnostics.count < diagnosticsMax
        let tree = SyntaxTree(
            parser.tree, comments: lexer.comments, hasErrors: !diagnostics.isEmpty,
            errorPlaces: isWhole ? diagnostics.compactMap(\.primary?.range.start) : [])
        return (tree, diagnostics)
    }

    private init(bytes: [UInt8], file: SourceFileID, nestingMax: Int, tokens: [Token]) {
        self.bytes = bytes
        self.file = file
        self.nestingMax = nestingMax
        self.tokens = tokens
        tree = TreeBuilder(file: file)
        tree.reserve(nodes: tokens.count)
        bracketEnd = tokens.count - 1
    }

    private static func refuse(_ source: SourceFile, id: SourceFileID, bytesMax: Int) -> Diagnostic? {
        let bytes = source.bytes
        if bytes.count > bytesMax {
            return .fileTooLarge(bytes.count, of: bytesMax, at: SourceRange(file: id, start: 0, end: 0))
        }
        guard let bad = UTF8Check.firstInvalid(bytes) else { return nil }
        return .notUTF8(at: SourceRange(file: id, start: UInt32(bad), end: UInt32(bad + 1)))
    }

    private static func emptyTree(_ id: SourceFileID) -> SyntaxTree {
        var tree = TreeBuilder(file: id)
        tree.root = tree.add(.file, from: 0, to: 0, [])
        return SyntaxTree(tree, comments: [], hasErrors: true, errorPlaces: [])
    }

    // The current token.

    var token: Token { tokens[position] }
    var kind: TokenKind { tokens[position].kind }
    var start: UInt32 { tokens[position].start }
    /// End of the token before the current one.
    var previousEnd: UInt32 {
        if tokens[position].flags.contains(.isSplit) { return tokens[position].start }
        return position == 0 ? 0 : tokens[position - 1].end
    }
    var beginsLine: Bool { tokens[position].beginsLine }
    /// The innermost bracket, or the file, ends here.
    var isAtEnd: Bool { position >= bracketEnd }

    func nextKind(_ distance: Int = 1) -> TokenKind {
        let index = position + distance
        return index < tokens.count ? tokens[index].kind : .endOfFile
    }

    func at(_ kind: TokenKind) -> Bool { tokens[position].kind == kind }
    func atWord(_ word: Word) -> Bool { at(.name) && tokens[position].payload == word.rawValue }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    /// Goes past the token when it is there.
    mutating func skip(_ kind: TokenKind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    func text(of token: Token) -> String {
        String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self)
    }

    func range(of token: Token) -> SourceRange { SourceRange(file: file, start: token.start, end: token.end) }
    func range(_ start: UInt32, _ end: UInt32) -> SourceRange { SourceRange(file: file, start: start, end: end) }

    // Brackets.

    /// What holds outside of a bracket, to be put back when it closes.
    struct Bracket {
        let opener: Int
        let end: Int
        let isUnclosed: Bool
        let outerEnd: Int
        let outerIgnoresLineEnds: Bool
        let outerIsHead: Bool
        let outerIsCondition: Bool
        let wasRecovering: Bool
    }

    /// At an opener: goes past it. `lines` says whether line ends count inside.
    mutating func open(lines: Bool) -> Bracket {
        let token = tokens[position]
        let isUnclosed = token.flags.contains(.isUnclosed)
        let bracket = Bracket(
            opener: position, end: Int(token.payload), isUnclosed: isUnclosed, outerEnd: bracketEnd,
            outerIgnoresLineEnds: ignoresLineEnds, outerIsHead: isHead, outerIsCondition: isCondition,
            wasRecovering: isRecovering)
        bracketEnd = bracket.end
        ignoresLineEnds = !lines
        isHead = false
        if lines { isCondition = false }
        depth += 1
        if isUnclosed, token.kind != .leftBrace { mutes += 1 }
        advance()
        return bracket
    }

    /// At the bracket's end, or before it when something in it could not be read.
    mutating func close(_ bracket: Bracket, expecting wanted: String) {
        if position < bracket.end {
            reportExpected(wanted)
            position = bracket.end
        }
        bracketEnd = bracket.outerEnd
        ignoresLineEnds = bracket.outerIgnoresLineEnds
        isHead = bracket.outerIsHead
        isCondition = bracket.outerIsCondition
        depth -= 1
        if bracket.isUnclosed {
            if tokens[bracket.opener].kind != .leftBrace { mutes -= 1 }
            // The line that the bracket was to stand on is not worth a second message.
            isRecovering = true
        } else {
            isRecovering = bracket.wasRecovering
            if position == bracket.end, kind != .textMiddle, kind != .textTail { advance() }
        }
    }

    // Children of a node under construction.

    func mark() -> Int { pending.count }
    mutating func push(_ node: NodeID) { pending.append(node) }

    /// Adds a node with everything pushed since `mark`.
    mutating func finish(_ kind: NodeKind, from start: UInt32, since mark: Int, flag: UInt8 = 0) -> NodeID {
        let node = tree.add(kind, from: start, to: max(start, previousEnd), flag: flag, pending[mark...])
        pending.removeLast(pending.count - mark)
        return checked(node)
    }

    mutating func node(_ kind: NodeKind, from start: UInt32, flag: UInt8 = 0, _ a: NodeID) -> NodeID {
        checked(tree.add(kind, from: start, to: max(start, previousEnd), flag: flag, a))
    }

    mutating func node(_ kind: NodeKind, from start: UInt32, flag: UInt8 = 0, _ a: NodeID, _ b: NodeID) -> NodeID {
        checked(tree.add(kind, from: start, to: max(start, previousEnd), flag: flag, a, b))
    }

    mutating func node(
        _ kind: NodeKind, from start: UInt32, flag: UInt8 = 0, _ a: NodeID, _ b: NodeID, _ c: NodeID
    ) -> NodeID {
        checked(tree.add(kind, from: start, to: max(start, previousEnd), flag: flag, a, b, c))
    }

    mutating func leaf(_ kind: NodeKind, payload: UInt32 = 0) -> NodeID {
        let token = tokens[position]
        advance()
        return tree.addLeaf(kind, from: token.start, to: token.end, payload: payload)
    }

    /// What stands for something that could not be read. Reported by whoever asks for it.
    mutating func errorNode() -> NodeID {
        tree.addLeaf(.error, from: start, to: start)
    }

    /// A tree that is too high would overflow the stack of whoever walks it.
    private mutating func checked(_ node: NodeID) -> NodeID {
        guard tree.height(of: node) > treeHeightMax else { return node }
        report(.chainTooLong(at: tree.range(of: node)))
        giveUp()
        return tree.addLeaf(.error, from: start, to: start)
    }

    /// Reads nothing more: what follows cannot be understood any better.
    mutating func giveUp() {
        mutes += 1
        isRecovering = true
        position = tokens.count - 1
    }

    /// One level deeper, for what calls itself without a bracket. False: too deep, reported.
    /// True goes with one `ascend`.
    mutating func descend() -> Bool {
        depth += 1
        guard depth > nestingMax else { return true }
        report(.nestingTooDeep(nestingMax, at: range(of: token)))
        giveUp()
        depth -= 1
        return false
    }

    mutating func ascend() { depth -= 1 }
}

/// Nodes from the root to a leaf.
let treeHeightMax = 1000
