// CalendarTime.swift: seconds since 1970 to RFC 3339 and back, without a library for it.
//
// Pure, UTC. The algorithm is the usual one for the proleptic Gregorian calendar, on years that begin in March.

internal import Glibc

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
struct CalendarTime: Equatable, Comparable, Sendable {
    let millisecondsSince1970: Int64

    static func now() -> CalendarTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return CalendarTime(
            millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    static func < (left: CalendarTime, right: CalendarTime) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    func adding(seconds: Int64) -> CalendarTime {
        CalendarTime(millisecondsSince1970: millisecondsSince1970 + seconds * 1000)
    }

    /// `2026-11-21T10:15:30Z`, with milliseconds when there are any.
    var rfc3339: String {
        let (days, inDay) = millisecondsSince1970.flooredDivision(by: 86_400_000)
        let (year, month, day) = Self.civil(daysSince1970: days)
        let seconds = inDay / 1000
        let fraction = inDay % 1000
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
        return
            "\(date)T\(clock.joined(separator: ":"))\(fraction == 0 ? "" : ".\(Self.padded(fraction, 3))")Z"
    }

    /// `2026-11-21T10:15:30.123+01:00`; nil when it is no such text.
    init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ length: Int) -> Int64? {
            guard start + length <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[start..<start + length] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        func has(_ character: Character, at index: Int) -> Bool {
            index < bytes.count && bytes[index] == character.asciiValue
        }
        guard let year = number(0, 4), has("-", at: 4), let month = number(5, 2), has("-", at: 7),
            let day = number(8, 2), has("T", at: 10) || has("t", at: 10) || has(" ", at: 10),
            let hour = number(11, 2), has(":", at: 13), let minute = number(14, 2), has(":", at: 16),
            let second = number(17, 2), 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second <= 60
        else { return nil }
        var index = 19
        var milliseconds: Int64 = 0
        if has(".", at: index) {
            index += 1
            var scale: Int64 = 100
            let first = index
            while let digit = number(index, 1) {
                milliseconds += digit * scale
                scale /= 10
                index += 1
            }
            guard index > first else { return nil }
        }
        var offsetMinutes: Int64 = 0
        if has("Z", at: index) || has("z", at: index) {
            index += 1
        } else {
            guard has("+", at: index) || has("-", at: index), let hours = number(index + 1, 2),
                has(":", at: index + 3), let minutes = number(index + 4, 2)
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (has("-", at: index) ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        let minutes =
            (Self.days(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offsetMinutes
        millisecondsSince1970 = (minutes * 60 + second) * 1000 + milliseconds
    }

    init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func civil(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSince1970 + 719_468  // days since 0000-03-01
        let (era, dayOfEra) = shifted.flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

private extension Int64 {
    /// Quotient rounded down, and the remainder, which is never negative.
    func flooredDivision(by divisor: Int64) -> (Int64, Int64) {
        let quotient = self >= 0 ? self / divisor : (self - divisor + 1) / divisor
        return (quotient, self - quotient * divisor)
    }
}
