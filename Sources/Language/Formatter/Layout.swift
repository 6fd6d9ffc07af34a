// Layout.swift: a text as steps: words, places where a line may end, and groups that break together.
//
// A group is laid out on one line when it fits and nothing in it insists on a line end; else every `line` that is
// directly in it ends a line. Groups in it decide for themselves. The steps are one flat array, so that looking
// ahead is a scan and depth costs no stack. Neighbours: LayoutWalker*.swift (builds), LayoutPrinter.swift (reads).

/// Position in `Layout.groups`.
struct GroupIndex: Equatable {
    let rawValue: Int
}

/// Columns that belong together: of one list, of one kind.
struct AlignmentChannel: Equatable {
    let rawValue: Int
}

enum LayoutStep {
    /// Bytes of the source, on one line.
    case text(Range<Int>)
    /// A `"""` string: position in `Layout.blockTexts`.
    case blockText(Int)
    case space
    case comma
    /// Only where the innermost group is broken: the comma behind the last item.
    case commaIfBroken
    /// Only where it is not: fields and arms on one line.
    case commaIfFlat
    /// A space or a line end.
    case line(hasBlank: Bool)
    /// Nothing or a line end.
    case softLine
    case hardLine(hasBlank: Bool)
    /// A comment on lines of its own, and the line end behind it.
    case ownComment(Range<Int>, hasBlankAfter: Bool)
    /// The same where a closing bracket follows, which brings its own line end.
    case closingComment(Range<Int>)
    /// Goes to the end of the line, whatever else comes on it.
    case trailingComment(Range<Int>)
    case groupBegin(GroupIndex)
    case groupEnd
    /// More columns before each line, where the innermost group is broken.
    case indent(Int)
    case outdent
    /// A list's item: its cells count when it begins its line.
    case itemBegin
    case itemEnd
    /// What follows may be moved right, to stand below the same cell of the lines around.
    case cell(AlignmentChannel, wholeItemOnLine: Bool)
}

struct Layout {
    struct Group {
        let begin: Int
        var end = 0
        /// A line end is certain in it, outside of the hugged group.
        var isForced = false
        /// The group in it that may break while this one does not: `save(key, {` … `})`.
        var hugged: GroupIndex?
        /// A line end is certain in the hugged group.
        var isForcedInHugged = false
    }

    /// A string over several lines.
    struct BlockText {
        struct Line {
            let bytes: Range<Int>
            /// Of the text itself, whose indent may change; else of an expression in it, which stays as it is.
            let isContent: Bool
        }
        let lines: [Line]
        /// The closing line's indent: taken off each content line by the language.
        let indentCount: Int
    }

    private(set) var steps: [LayoutStep] = []
    private(set) var groups: [Group] = []
    private(set) var blockTexts: [BlockText] = []
    private var open: [GroupIndex] = []
    /// Groups that were open at the last trailing comment and still are: the next line of one of them ends there.
    private var groupsWithComment: Int?
    private var channelCount = 0

    mutating func add(_ step: LayoutStep) { steps.append(step) }

    mutating func blockText(_ text: BlockText) {
        steps.append(.blockText(blockTexts.count))
        blockTexts.append(text)
    }

    mutating func line(hasBlank: Bool = false) {
        breakBehindComment()
        steps.append(.line(hasBlank: hasBlank))
    }

    mutating func softLine() {
        breakBehindComment()
        steps.append(.softLine)
    }

    mutating func hardLine(hasBlank: Bool = false) {
        groupsWithComment = nil
        force(open.count)
        steps.append(.hardLine(hasBlank: hasBlank))
    }

    mutating func ownComment(_ bytes: Range<Int>, hasBlankAfter: Bool) {
        groupsWithComment = nil
        force(open.count)
        steps.append(.ownComment(bytes, hasBlankAfter: hasBlankAfter))
    }

    mutating func closingComment(_ bytes: Range<Int>) {
        groupsWithComment = nil
        force(open.count)
        steps.append(.closingComment(bytes))
    }

    mutating func trailingComment(_ bytes: Range<Int>) {
        groupsWithComment = open.count
        steps.append(.trailingComment(bytes))
    }

    mutating func begin(isForced: Bool = false) -> GroupIndex {
        let group = GroupIndex(rawValue: groups.count)
        groups.append(Group(begin: steps.count))
        open.append(group)
        steps.append(.groupBegin(group))
        if isForced { force(open.count) }
        return group
    }

    /// A line end is certain in the group that was begun last.
    mutating func forceInnermost() { force(open.count) }

    mutating func end() {
        guard let group = open.popLast() else { preconditionFailure("a group is ended that was not begun") }
        groups[group.rawValue].end = steps.count
        steps.append(.groupEnd)
        if let count = groupsWithComment { groupsWithComment = min(count, open.count) }
    }

    /// `outer` stays on its line up to where `inner` begins. Said when `inner` has just begun.
    mutating func hug(_ inner: GroupIndex, in outer: GroupIndex) { groups[outer.rawValue].hugged = inner }

    mutating func channel() -> AlignmentChannel {
        channelCount += 1
        return AlignmentChannel(rawValue: channelCount)
    }

    /// A comment goes to the end of its line. Where none of the groups around it may end one it goes on to where one can.
    private mutating func breakBehindComment() {
        guard let count = groupsWithComment, open.count <= count else { return }
        groupsWithComment = nil
        force(open.count)
    }

    /// A line end is certain in the innermost of the first `count` open groups, and so in those around it.
    private mutating func force(_ count: Int) {
        var inner: GroupIndex?
        for group in open[..<count].reversed() {
            let index = group.rawValue
            if let inner, groups[index].hugged == inner {
                if groups[index].isForcedInHugged { return }
                groups[index].isForcedInHugged = true
            } else {
                if groups[index].isForced { return }
                groups[index].isForced = true
            }
            inner = group
        }
    }
}
