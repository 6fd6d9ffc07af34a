// CellWidth.swift: how many cells of a terminal a character takes.
//
// East Asian wide and full-width characters and emoji take two, combining marks and joiners none. Source:
// Unicode 15, EastAsianWidth.txt (W and F), in ranges; a narrow character that an emoji selector follows is wide.

extension Character {
    /// 0, 1 or 2.
    var cells: Int {
        if isASCII { return 1 }
        var widest = 0
        for scalar in unicodeScalars {
            if scalar.value == 0xFE0F { return 2 }
            widest = max(widest, scalar.cells)
        }
        return widest
    }
}

extension UnicodeScalar {
    var cells: Int {
        if value < 0x300 { return value == 0xAD ? 0 : 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide ? 2 : 1
        }
    }

    private var isWide: Bool {
        guard value >= 0x1100 else { return false }
        if properties.isEmojiPresentation { return true }
        return UnicodeScalar.wideRanges.contains { $0.contains(value) }
    }

    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18AFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    /// Control characters, and those that turn the direction of what follows.
    var mustNotReachTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x061C, 0xFFF9...0xFFFB: true
        default: false
        }
    }
}
