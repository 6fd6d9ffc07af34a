// TimeText.swift: times and durations as text.
//
// Times are RFC 3339 in UTC, as many decimals as needed; durations in JSON are seconds, `5s`, `0.25s`.
// Neighbours: JSONWriter.swift, Builtins/ToTime.swift.

let nanosecondsPerSecond: Int64 = 1_000_000_000

/// A date and time of day in UTC, proleptic Gregorian.
struct CalendarTime: Equatable {
    var year: Int, month: Int, day: Int
    var hour: Int, minute: Int, second: Int
    var nanosecond: Int

    /// Days since 1970-01-01; the arithmetic of Howard Hinnant, "chrono-compatible low-level date algorithms".
    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    init(nanoseconds: Int64) {
        let (seconds, rest) = floorDivide(Int(nanoseconds), Int(nanosecondsPerSecond))
        let (days, ofDay) = floorDivide(seconds, 86_400)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = ofDay / 3600
        minute = ofDay / 60 % 60
        second = ofDay % 60
        nanosecond = rest
    }

    /// 0 is Sunday.
    static func weekday(nanoseconds: Int64) -> Int {
        let days = floorDivide(Int(nanoseconds), 86_400 * Int(nanosecondsPerSecond)).quotient
        return floorDivide(days + 4, 7).remainder
    }
}

func floorDivide(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let quotient = value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    return (quotient, value - quotient * divisor)
}

/// At most 30 bytes.
func writeTime(_ nanoseconds: Int64, into room: MutableBytePointer) -> Int {
    let time = CalendarTime(nanoseconds: nanoseconds)
    writePadded(time.year, 4, into: room)
    room[4] = UInt8(ascii: "-")
    writePadded(time.month, 2, into: room + 5)
    room[7] = UInt8(ascii: "-")
    writePadded(time.day, 2, into: room + 8)
    room[10] = UInt8(ascii: "T")
    writePadded(time.hour, 2, into: room + 11)
    room[13] = UInt8(ascii: ":")
    writePadded(time.minute, 2, into: room + 14)
    room[16] = UInt8(ascii: ":")
    writePadded(time.second, 2, into: room + 17)
    let count = 19 + writeFraction(time.nanosecond, into: room + 19)
    room[count] = UInt8(ascii: "Z")
    return count + 1
}

/// At most 22 bytes: `-9223372036.854775808s`.
func writeDuration(_ nanoseconds: Int64, into room: MutableBytePointer) -> Int {
    var count = 0
    if nanoseconds < 0 {
        room[0] = UInt8(ascii: "-")
        count = 1
    }
    let unit = nanosecondsPerSecond.magnitude
    count += writeInt(Int64(nanoseconds.magnitude / unit), into: room + count)
    count += writeFraction(Int(nanoseconds.magnitude % unit), into: room + count)
    room[count] = UInt8(ascii: "s")
    return count + 1
}

private func writePadded(_ value: Int, _ digits: Int, into room: MutableBytePointer) {
    var rest = value
    for position in (0..<digits).reversed() {
        room[position] = UInt8(rest % 10) + UInt8(ascii: "0")
        rest /= 10
    }
}

/// Nothing for zero, else the point and the digits up to the last that is not zero.
private func writeFraction(_ nanosecond: Int, into room: MutableBytePointer) -> Int {
    guard nanosecond > 0 else { return 0 }
    room[0] = UInt8(ascii: ".")
    writePadded(nanosecond, 9, into: room + 1)
    var count = 10
    while room[count - 1] == UInt8(ascii: "0") { count -= 1 }
    return count
}

/// Reads digits and fixed letters from the front of a text.
private struct TextReader {
    let bytes: [UInt8]
    var offset = 0

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }
    mutating func take(_ letters: StaticString) -> Bool {
        guard let next else { return false }
        for position in 0..<letters.utf8CodeUnitCount where unsafe letters.utf8Start[position] == next {
            offset += 1
            return true
        }
        return false
    }
    mutating func digits(_ count: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[offset..<(offset + count)] {
            guard byte &- UInt8(ascii: "0") <= 9 else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        offset += count
        return value
    }
    /// Decimals of a second as nanoseconds; beyond nine they are cut off.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let byte = next, byte &- UInt8(ascii: "0") <= 9 {
            if count < 9 { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
            count += 1
            offset += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 9 - count) { value *= 10 }
        return value
    }
}

/// RFC 3339, any offset. Nil when the text is none or beyond what nanoseconds in 64 bits hold (1677 to 2262).
package func timeNanoseconds(fromRFC3339 text: [UInt8]) -> Int64? {
    var reader = TextReader(bytes: text)
    guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), 1...12 ~= month,
        reader.take("-"), let day = reader.digits(2), day >= 1,
        day <= CalendarTime.dayCount(year: year, month: month), reader.take("Tt "),
        let hour = reader.digits(2), hour < 24, reader.take(":"), let minute = reader.digits(2), minute < 60,
        reader.take(":"), let second = reader.digits(2), second <= 60
    else { return nil }
    var nanosecond = 0
    if reader.take(".") {
        guard let fraction = reader.fraction() else { return nil }
        nanosecond = fraction
    }
    var offsetMinutes = 0
    if !reader.take("Zz") {
        let isNegative = reader.next == UInt8(ascii: "-")
        guard reader.take("+-"), let hours = reader.digits(2), hours < 24, reader.take(":"),
            let minutes = reader.digits(2), minutes < 60
        else { return nil }
        offsetMinutes = (hours * 60 + minutes) * (isNegative ? -1 : 1)
    }
    guard reader.next == nil else { return nil }
    let days = CalendarTime.days(year: year, month: month, day: day)
    let seconds = Int64(days * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second)
    let (product, overflow) = seconds.multipliedReportingOverflow(by: nanosecondsPerSecond)
    let (sum, carry) = product.addingReportingOverflow(Int64(nanosecond))
    return overflow || carry ? nil : sum
}

/// `5s`, `0.25s`, `1h30m`, `250ms`, `-2m`; units `d h m s ms us ns`, each once, from large to small.
package func durationNanoseconds(from text: [UInt8]) -> Int64? {
    let units: [(name: [UInt8], nanoseconds: Int64)] = [
        (Array("d".utf8), 86_400_000_000_000), (Array("h".utf8), 3_600_000_000_000),
        (Array("m".utf8), 60_000_000_000), (Array("s".utf8), nanosecondsPerSecond), (Array("ms".utf8), 1_000_000),
        (Array("us".utf8), 1000), (Array("ns".utf8), 1),
    ]
    var reader = TextReader(bytes: text)
    let isNegative = reader.take("-")
    var total: Int64 = 0
    var largest = 0
    repeat {
        var whole: Int64 = 0
        let first = reader.offset
        while let digit = reader.digits(1) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            whole = sum
        }
        guard reader.offset > first else { return nil }
        var fraction = 0
        if reader.take(".") {
            guard let digits = reader.fraction() else { return nil }
            fraction = digits
        }
        var name: [UInt8] = []
        while let letter = reader.next, 0x61...0x7a ~= letter {
            name.append(letter)
            reader.offset += 1
        }
        guard let unit = units.firstIndex(where: { $0.name == name }), unit >= largest else { return nil }
        largest = unit + 1
        let (product, overflow) = whole.multipliedReportingOverflow(by: units[unit].nanoseconds)
        let part = Double(fraction) / 1e9 * Double(units[unit].nanoseconds)
        let (withPart, partCarry) = product.addingReportingOverflow(Int64(part.rounded()))
        let (sum, carry) = total.addingReportingOverflow(withPart)
        if overflow || partCarry || carry { return nil }
        total = sum
    } while reader.next != nil
    return isNegative ? -total : total
}
