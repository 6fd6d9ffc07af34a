// LayoutWalker.swift: one file's tree and tokens into a layout; the machinery that all of the grammar uses.
//
// The tree says what stands here, the tokens are what is written: every token is gone past once and in order, so
// that nothing is lost, brackets that the tree does not know of included. The tree is without errors.
// Neighbours: LayoutWalker+Declarations/Routes/Types/Statements/Expressions/…, CommentMap.swift, Layout.swift.

struct LayoutWalker {
    let bytes: [UInt8]
    let tree: SyntaxTree
    private(set) var tokens: [Token]
    var layout = Layout()
    /// Tokens and tree do not fit: a bug of the formatter. Nothing it builds is used.
    private(set) var isLost = false
    private(set) var position = 0
    private var comments: CommentMap
    /// Comments of tokens that are not written: they come before what is written next.
    private var carried: [CommentMap.Comment] = []
    /// Comments that go into the next block.
    private var held: [CommentMap.Comment] = []
    /// The next group is hugged by this one.
    var hugger: GroupIndex?

    init(bytes: [UInt8], tree: SyntaxTree, tokens: [Token]) {
        self.bytes = bytes
        self.tree = tree
        self.tokens = tokens
        comments = CommentMap(tree.comments, tokens: tokens, bytes: bytes)
    }

    // Tokens.

    var token: Token { tokens[position] }
    func at(_ kind: TokenKind) -> Bool { tokens[position].kind == kind }
    func nextKind() -> TokenKind { position + 1 < tokens.count ? tokens[position + 1].kind : .endOfFile }

    /// The next token is the first one on a new line after this one.
    var endsLine: Bool { position + 1 < tokens.count && tokens[position + 1].beginsLine }

    /// Writes the token, whatever it is, with its comments.
    mutating func take() {
        ownComments()
        layout.add(.text(Int(token.start)..<Int(token.end)))
        trailingComment(position)
        if position < tokens.count - 1 { position += 1 }
    }

    mutating func take(_ kind: TokenKind) {
        guard at(kind) else { return lose() }
        take()
    }

    /// Goes past the token without writing it; its comments stay.
    mutating func drop() {
        carried += comments.takeBefore(position)
        trailingComment(position)
        if position < tokens.count - 1 { position += 1 }
    }

    /// The `>` of a type, which `>=` may hold; the `=` is left.
    mutating func closeAngle() {
        guard at(.greaterOrEqual) else { return take(.greater) }
        ownComments()
        layout.add(.text(Int(token.start)..<Int(token.start) + 1))
        tokens[position].kind = .assign
        tokens[position].start += 1
    }

    mutating func lose() { isLost = true }

    /// A string with all of its pieces, as it is written.
    mutating func string() {
        guard token.kind.isText else { return lose() }
        ownComments()
        var last = position
        while tokens[last].kind == .textHead || tokens[last].kind == .textMiddle {
            let next = Int(tokens[last].payload)
            guard next > last, next < tokens.count else { return lose() }
            last = next
        }
        let whole = Int(token.start)..<Int(tokens[last].end)
        if bytes[whole].contains(UInt8(ascii: "\n")) {
            layout.blockText(blockText(whole, through: last))
        } else {
            layout.add(.text(whole))
        }
        trailingComment(last)
        position = last + 1
    }

    /// Cuts a string at its line ends. Which lines are the text's own and which are of a `${ }` in it the pieces say.
    private func blockText(_ whole: Range<Int>, through last: Int) -> Layout.BlockText {
        var lines: [Layout.BlockText.Line] = []
        var piece = position
        var start = whole.lowerBound
        var isContent = true
        for index in whole where bytes[index] == UInt8(ascii: "\n") {
            var end = index
            while piece < last, Int(tokens[Int(tokens[piece].payload)].start) < index {
                piece = Int(tokens[piece].payload)
            }
            let isWithin = index < Int(tokens[piece].end)
            if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            // Blanks behind the opening quotes are no part of the text.
            while lines.isEmpty, end > start, bytes[end - 1].isBlank { end -= 1 }
            lines.append(Layout.BlockText.Line(bytes: start..<end, isContent: isContent))
            start = index + 1
            isContent = isWithin
        }
        lines.append(Layout.BlockText.Line(bytes: start..<whole.upperBound, isContent: isContent))
        var indent = 0
        while start + indent < whole.upperBound, bytes[start + indent].isBlank { indent += 1 }
        return Layout.BlockText(lines: lines, indentCount: isContent ? indent : 0)
    }

    // Comments.

    /// Writes the comments on lines of their own that stand before the current token.
    mutating func ownComments() {
        for comment in carriedAndOwn() { layout.ownComment(comment.bytes, hasBlankAfter: comment.hasBlankAfter) }
    }

    private mutating func carriedAndOwn() -> [CommentMap.Comment] {
        let all = carried + comments.takeBefore(position)
        carried = []
        return all
    }

    /// Those before the current token go into the next block.
    mutating func holdComments() { held += carriedAndOwn() }

    private mutating func trailingComment(_ token: Int) {
        if let comment = comments.takeBehind(token) { layout.trailingComment(comment.bytes) }
    }

    /// Comments before a closing bracket belong to what is inside of it. `isFirst`: nothing else is.
    mutating func closingComments(isFirst: Bool = false) {
        var hasBlank = !isFirst && hasBlankBefore
        for comment in carriedAndOwn() {
            layout.hardLine(hasBlank: hasBlank)
            layout.closingComment(comment.bytes)
            hasBlank = comment.hasBlankAfter
        }
    }

    var hasCommentsBefore: Bool { !carried.isEmpty || !comments.isEmpty(before: position) }
    var hasBlankBefore: Bool { comments.hasBlankBefore(position) }

    // Spaces.

    mutating func space() { layout.add(.space) }
    mutating func line() { layout.line() }
    /// What follows, up to `outdent`, goes on with the line before where the innermost group is broken.
    mutating func continuation() { layout.add(.indent(LayoutPrinter.continuationIndent)) }
    mutating func outdent() { layout.add(.outdent) }

    /// Begins a group; it is the hugged one when one is waited for.
    mutating func begin(isForced: Bool = false) -> GroupIndex {
        let outer = hugger
        hugger = nil
        guard let outer else { return layout.begin(isForced: isForced) }
        let group = layout.begin()
        layout.hug(group, in: outer)
        if isForced { layout.forceInnermost() }
        return group
    }

    // Lists.

    /// How the items of a bracket are separated.
    enum Separator {
        /// A comma always; behind the last one where there is one item a line.
        case comma
        /// A comma always, none behind the last one.
        case commaBetween
        /// A comma on one line, a line end else: fields and arms.
        case lineOrComma
    }

    /// `opener item, item closer`: on one line, or one item a line.
    /// - Parameter isPadded: a space inside of the brackets, as in `{ a: 1 }`.
    mutating func list(
        _ items: some Collection<NodeID>, separator: Separator, isPadded: Bool, hugsLast: Bool = false,
        item: (inout LayoutWalker, NodeID) -> Void
    ) {
        let keepsOpen = at(.leftBrace) && endsLine && !items.isEmpty
        let group = begin(isForced: keepsOpen)
        take()
        layout.add(.indent(2))
        if !items.isEmpty { inside(isPadded) }
        for (index, node) in items.enumerated() {
            if index > 0 { layout.line(hasBlank: hasBlankBefore) }
            ownComments()
            layout.add(.itemBegin)
            if hugsLast, index == items.count - 1 { hugger = group }
            item(&self, node)
            hugger = nil
            layout.add(.itemEnd)
            separate(separator, isLast: index == items.count - 1)
        }
        let isBare = items.isEmpty && !hasCommentsBefore
        closingComments(isFirst: items.isEmpty)
        outdent()
        if !isBare { inside(isPadded) }
        take()
        layout.end()
    }

    /// Between a bracket and what is in it.
    private mutating func inside(_ isPadded: Bool) {
        if isPadded { line() } else { layout.softLine() }
    }

    private mutating func separate(_ separator: Separator, isLast: Bool) {
        // What the writer put there counts for nothing, its comments aside.
        var separators = 0
        while isSeparator(position + separators) { separators += 1 }
        switch separator {
        case .comma: layout.add(isLast ? .commaIfBroken : .comma)
        case .commaBetween: if !isLast { layout.add(.comma) }
        case .lineOrComma:
            // A field may be called `in` or `as`: on a line of its own it would go on with the one before.
            let next = tokens[position + separators].kind
            if !isLast { layout.add(next.continuesLine || next == .not ? .comma : .commaIfFlat) }
        }
        for _ in 0..<separators { drop() }
    }

    private func isSeparator(_ index: Int) -> Bool {
        index < tokens.count && (tokens[index].kind == .comma || tokens[index].kind == .semicolon)
    }

    /// Items on lines of their own, up to the bracket's or the file's end.
    mutating func lines(_ items: some Collection<NodeID>, item: (inout LayoutWalker, NodeID) -> Void) {
        while at(.semicolon) { drop() }
        for (index, node) in items.enumerated() {
            if index > 0 { layout.hardLine(hasBlank: hasBlankBefore) }
            ownComments()
            layout.add(.itemBegin)
            item(&self, node)
            layout.add(.itemEnd)
            while at(.semicolon) { drop() }
        }
        closingComments(isFirst: items.isEmpty)
    }

    /// `{` items `}` with a line for each item.
    mutating func braces(_ items: some Collection<NodeID>, item: (inout LayoutWalker, NodeID) -> Void) {
        _ = begin(isForced: !items.isEmpty)
        openBraces(items, item: item)
        layout.end()
    }

    /// The same in the group that is open.
    mutating func openBraces(_ items: some Collection<NodeID>, item: (inout LayoutWalker, NodeID) -> Void) {
        take(.leftBrace)
        carried += held
        held = []
        layout.add(.indent(2))
        while at(.semicolon) { drop() }
        let isBare = items.isEmpty && !hasCommentsBefore
        if !items.isEmpty { line() }
        lines(items, item: item)
        outdent()
        if !isBare { line() }
        take(.rightBrace)
    }
}
