// FormatTime.swift: the builtin `format`.

internal import Diagnostics

extension Builtin {
    static let format = Builtin(
        "format", on: .time, [Parameter("pattern", .string)], gives: .string,
        summary: "The time in UTC by a pattern of `%Y %m %d %H %M %S %L` (milliseconds) `%j %a %b %%`.",
        examples: [
            Example(
                .time(86_399_250_000_000), .string("%d.%m.%Y %H:%M:%S.%L %a"),
                gives: .string("01.01.1970 23:59:59.250 Thu"))
        ],
        body: { (call) throws(Fault) in
            let time = try call.calendarTime("format")
            let pattern = try call.string(1, "format")
            try call.charge(bytes: pattern.length * 4)
            var result = ""
            var isCode = false
            for character in pattern.text.string(pattern.length).unicodeScalars {
                guard isCode else {
                    if character == "%" { isCode = true } else { result.unicodeScalars.append(character) }
                    continue
                }
                isCode = false
                guard
                    let text = time.text(
                        ofCode: character, weekday: CalendarTime.weekday(nanoseconds: call.receiver.int64))
                else {
                    throw Fault(
                        .badArgument, "`format` knows no `%\(character)`; it knows %Y %m %d %H %M %S %L %j %a %b %%")
                }
                result += text
            }
            return try call.arena.text(.string, Array(result.utf8))
        })
}

extension CalendarTime {
    func text(ofCode code: Unicode.Scalar, weekday: Int) -> String? {
        func padded(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
        }
        switch code {
        case "Y": return padded(year, 4)
        case "m": return padded(month, 2)
        case "d": return padded(day, 2)
        case "H": return padded(hour, 2)
        case "M": return padded(minute, 2)
        case "S": return padded(second, 2)
        case "L": return padded(nanosecond / 1_000_000, 3)
        case "j":
            let days = Self.days(year: year, month: month, day: day) - Self.days(year: year, month: 1, day: 1)
            return padded(days + 1, 3)
        case "a": return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday]
        case "b":
            return ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
        case "%": return "%"
        default: return nil
        }
    }
}

extension Arguments {
    func calendarTime(_ name: String) throws(Fault) -> CalendarTime {
        guard receiver.kind == .time else { throw wrongKind(name, 0, wants: "a time") }
        return CalendarTime(nanoseconds: receiver.int64)
    }
}
