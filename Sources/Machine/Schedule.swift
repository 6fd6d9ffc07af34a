// Schedule.swift: when a job is due: cron fields, a named period, or `@every 90m`. UTC. Pure: the clock is a parameter.
//
// Shape: `minute hour day month weekday`, or six fields with the second first, as Dapr's scheduler has them; `*`, numbers,
// names, `a-b`, `/n`, lists. A day fits when either of day and weekday does, where both are restricted (crontab(5)).
// Neighbours: TimeText.swift (the calendar), Language/Check (refuses bad ones at load), Sidecar (rings).

/// A schedule that was read.
package struct Schedule: Sendable, Equatable {
    /// Why a text is no schedule, as one sentence.
    package struct Problem: Error, Sendable, Equatable {
        package let message: String
    }

    private enum Rhythm: Equatable {
        case every(nanoseconds: Int64)
        case fields(Fields)
    }

    /// A bit for each value that fits.
    private struct Fields: Equatable {
        var seconds: UInt64, minutes: UInt64, hours: UInt64, days: UInt64, months: UInt64, weekdays: UInt64
        /// Whether a day fits by either of its two fields.
        var isDayEither: Bool
    }

    private let rhythm: Rhythm
    /// Six fields or `@…`, as Dapr's scheduler takes them.
    package let text: String

    package init(_ written: String) throws(Problem) {
        let words = written.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard let first = words.first else { throw Problem(message: "it is empty") }
        if first == "@every" {
            guard words.count == 2, let length = Self.period(words[1]), length >= nanosecondsPerSecond else {
                throw Problem(message: "`@every` is followed by a duration of a second or more: `@every 1h30m`")
            }
            rhythm = .every(nanoseconds: length)
            text = "@every \(words[1])"
            return
        }
        let fields: [String]
        if first.hasPrefix("@") {
            guard words.count == 1, let named = Self.named[first] else {
                throw Problem(
                    message: "`\(written)` is no period; there are `@every 1h`, "
                        + Self.named.keys.sorted().map { "`\($0)`" }.joined(separator: ", "))
            }
            fields = named.split(separator: " ").map(String.init)
        } else {
            guard words.count == 5 || words.count == 6 else {
                throw Problem(
                    message:
                        "it has \(words.count) fields; write five, `minute hour day month weekday`, or six with the second first"
                )
            }
            fields = words.count == 5 ? ["0"] + words : words
        }
        rhythm = .fields(
            Fields(
                seconds: try Self.bits(fields[0], "second", 0...59),
                minutes: try Self.bits(fields[1], "minute", 0...59),
                hours: try Self.bits(fields[2], "hour", 0...23), days: try Self.bits(fields[3], "day", 1...31),
                months: try Self.bits(fields[4], "month", 1...12, Self.monthNames),
                weekdays: Self.sundays(try Self.bits(fields[5], "weekday", 0...7, Self.weekdayNames)),
                isDayEither: !Self.isOpen(fields[3]) && !Self.isOpen(fields[5])))
        text = fields.joined(separator: " ")
    }

    /// The first moment after this one; nil when there is none within five years (30 February).
    ///
    /// - Parameters:
    ///   - now: nanoseconds since 1970.
    package func next(after now: Int64) -> Int64? {
        switch rhythm {
        case .every(let length):
            let (next, isOver) = now.addingReportingOverflow(length)
            return isOver ? nil : next
        case .fields(let fields): return Self.next(after: now, fields)
        }
    }

    // MARK: Reading

    private static let named = [
        "@yearly": "0 0 0 1 1 *", "@annually": "0 0 0 1 1 *", "@monthly": "0 0 0 1 * *", "@weekly": "0 0 0 * * 0",
        "@daily": "0 0 0 * * *", "@midnight": "0 0 0 * * *", "@hourly": "0 0 * * * *",
    ]
    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func isOpen(_ field: String) -> Bool { field.hasPrefix("*") || field == "?" }

    /// 7 is Sunday, too.
    private static func sundays(_ bits: UInt64) -> UInt64 { bits & 0x80 == 0 ? bits : (bits | 1) & 0x7F }

    private static func bits(
        _ field: String, _ what: String, _ bounds: ClosedRange<Int>, _ names: [String] = []
    ) throws(Problem) -> UInt64 {
        var bits: UInt64 = 0
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let step = pieces.count == 2 ? Int(pieces[1]) : 1
            guard pieces.count <= 2, let step, step > 0,
                let range = range(pieces[0], bounds, names, isOpenEnded: pieces.count == 2)
            else {
                throw Problem(
                    message:
                        "the \(what) `\(field)` is none: write `*`, a number from \(bounds.lowerBound) to \(bounds.upperBound), `a-b`, `*/n` or a list of them"
                )
            }
            for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
                bits |= 1 << UInt64(value)
            }
        }
        return bits
    }

    /// - Parameter isOpenEnded: `5/10` begins at 5 and has no end.
    private static func range(
        _ text: String, _ bounds: ClosedRange<Int>, _ names: [String], isOpenEnded: Bool
    ) -> ClosedRange<Int>? {
        if text == "*" || text == "?" { return bounds }
        func number(_ text: String) -> Int? {
            if let place = names.firstIndex(of: text.lowercased()) { return place + bounds.lowerBound }
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else { return nil }
            return bounds.contains(number) ? number : nil
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard ends.count <= 2, let first = number(ends[0]) else { return nil }
        guard ends.count == 2 else { return first...(isOpenEnded ? bounds.upperBound : first) }
        guard let last = number(ends[1]), last >= first else { return nil }
        return first...last
    }

    /// Go's durations in hours, minutes and seconds: `1h30m`, `1.5s`. Whole seconds, and one at least: parts of one are
    /// rounded up, as Dapr's scheduler does.
    private static func period(_ text: String) -> Int64? {
        let units: [Character: Double] = ["h": 3600, "m": 60, "s": 1]
        var seconds = 0.0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber || character == "." {
                digits.append(character)
            } else {
                guard let unit = units[character], digits.first != ".", let count = Double(digits) else { return nil }
                seconds += count * unit
                digits = ""
            }
        }
        guard digits.isEmpty, seconds > 0, seconds < 10 * 366 * 86_400 else { return nil }
        return Int64(seconds.rounded(.up)) * nanosecondsPerSecond
    }

    // MARK: Looking ahead

    private static func next(after now: Int64, _ fields: Fields) -> Int64? {
        func fits(_ bits: UInt64, _ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }
        var day = floorDivide(Int(now), 86_400 * Int(nanosecondsPerSecond)).quotient
        var fromSecond = floorDivide(Int(now), Int(nanosecondsPerSecond)).quotient - day * 86_400 + 1
        for _ in 0..<(5 * 366) {
            let midnight = Int64(day) * 86_400 * nanosecondsPerSecond
            let date = CalendarTime(nanoseconds: midnight)
            let byDay = fits(fields.days, date.day)
            let byWeekday = fits(fields.weekdays, CalendarTime.weekday(nanoseconds: midnight))
            let isDay = fields.isDayEither ? byDay || byWeekday : byDay && byWeekday
            if isDay, fits(fields.months, date.month) {
                for second in max(fromSecond, 0)..<max(fromSecond, 86_400)
                where fits(fields.hours, second / 3600) && fits(fields.minutes, second / 60 % 60)
                    && fits(fields.seconds, second % 60)
                {
                    return midnight + Int64(second) * nanosecondsPerSecond
                }
            }
            day += 1
            fromSecond = 0
        }
        return nil
    }
}
