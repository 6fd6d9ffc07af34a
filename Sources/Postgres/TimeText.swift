// TimeText.swift: timestamps and intervals as PostgreSQL prints them, in nanoseconds.
//
// `2024-02-29 12:34:56.789012+00` (DateStyle ISO) and `P1DT2H3.5S` (IntervalStyle iso_8601).

enum TimeText {
    /// Nanoseconds since 1970-01-01T00:00:00Z; `infinity`, BC and what is beyond the years 1677 to 2262 is a problem.
    static func time(_ text: Span<UInt8>) throws(CellProblem) -> Int64 {
        var reader = Reader(text)
        guard let year = reader.digits(atLeast: 4), reader.skip("-"), let month = reader.digits(atLeast: 2),
            reader.skip("-"), let day = reader.digits(atLeast: 2), reader.skip(" "),
            let hour = reader.digits(atLeast: 2), reader.skip(":"), let minute = reader.digits(atLeast: 2),
            reader.skip(":"), let second = reader.digits(atLeast: 2)
        else { throw CellProblem("`\(text.string)` is not a time that Bay knows") }
        let fraction = reader.fractionNanoseconds()
        let offset = reader.zoneSeconds()
        guard let offset, reader.isAtEnd else { throw CellProblem("`\(text.string)` is not a time that Bay knows") }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(fraction)
        guard !overflow, !carry else {
            throw CellProblem("`\(text.string)` is outside of the years 1677 to 2262, which a time covers")
        }
        return sum
    }

    /// Nanoseconds. A day is 24 hours; months and years have no fixed length and are a problem.
    static func interval(_ text: Span<UInt8>) throws(CellProblem) -> Int64 {
        var reader = Reader(text)
        var total: Int64 = 0
        var isTimePart = false
        guard reader.skip("P") else { throw CellProblem("`\(text.string)` is not a duration that Bay knows") }
        repeat {
            if reader.skip("T") { isTimePart = true }
            let isNegative = reader.skip("-")
            guard let whole = reader.digits(atLeast: 1) else {
                throw CellProblem("`\(text.string)` is not a duration that Bay knows")
            }
            let fraction = reader.fractionNanoseconds()
            let unit = try unitSeconds(reader.next(), isTimePart: isTimePart, whole: whole, text)
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit * 1_000_000_000)
            let (amount, carry) = product.addingReportingOverflow(fraction)
            let (sum, spill) = total.addingReportingOverflow(isNegative ? 0 - amount : amount)
            guard !overflow, !carry, !spill else {
                throw CellProblem("`\(text.string)` is longer than a duration can be (292 years)")
            }
            total = sum
        } while !reader.isAtEnd
        return total
    }

    private static func unitSeconds(
        _ unit: UInt8?, isTimePart: Bool, whole: Int64, _ text: Span<UInt8>
    ) throws(CellProblem) -> Int64 {
        switch (unit, isTimePart) {
        case (UInt8(ascii: "W"), false): return 7 * 86_400
        case (UInt8(ascii: "D"), false): return 86_400
        case (UInt8(ascii: "H"), true): return 3_600
        case (UInt8(ascii: "M"), true): return 60
        case (UInt8(ascii: "S"), true): return 1
        case (UInt8(ascii: "Y"), false), (UInt8(ascii: "M"), false):
            throw CellProblem(
                "`\(text.string)` has years or months, whose length is not fixed; cast it (`::text`) or use extract(epoch …)"
            )
        default: throw CellProblem("`\(text.string)` is not a duration that Bay knows")
        }
    }

    /// Proleptic Gregorian calendar; any month and day that PostgreSQL prints.
    static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private struct Reader {
        private let text: [UInt8]
        private var position = 0

        init(_ span: Span<UInt8>) {
            var bytes: [UInt8] = []
            bytes.append(span: span)
            text = bytes
        }

        var isAtEnd: Bool { position == text.count }

        mutating func next() -> UInt8? {
            guard position < text.count else { return nil }
            defer { position += 1 }
            return text[position]
        }

        mutating func skip(_ character: Character) -> Bool {
            guard position < text.count, text[position] == character.asciiValue else { return false }
            position += 1
            return true
        }

        mutating func digits(atLeast count: Int) -> Int64? {
            let start = position
            var value: Int64 = 0
            while position < text.count, text[position] >= 0x30, text[position] <= 0x39, position - start < 15 {
                value = value * 10 + Int64(text[position] - 0x30)
                position += 1
            }
            return position - start >= count ? value : nil
        }

        /// `.5` is 500 000 000; without a dot 0.
        mutating func fractionNanoseconds() -> Int64 {
            guard skip(".") else { return 0 }
            var value: Int64 = 0
            var unit: Int64 = 100_000_000
            while position < text.count, text[position] >= 0x30, text[position] <= 0x39 {
                value += Int64(text[position] - 0x30) * unit
                unit /= 10
                position += 1
            }
            return value
        }

        /// `+00`, `-05:30`, `+01:02:03`.
        mutating func zoneSeconds() -> Int64? {
            let isNegative = skip("-")
            guard isNegative || skip("+"), let hours = digits(atLeast: 2) else { return nil }
            var seconds = hours * 3_600
            if skip(":") { seconds += (digits(atLeast: 2) ?? 0) * 60 }
            if skip(":") { seconds += digits(atLeast: 2) ?? 0 }
            return isNegative ? -seconds : seconds
        }
    }
}
