// TimeParts.swift: the builtins for parts of a time.

extension Builtin {
    static let year = timePart("year", "The year, in UTC.", example: 1970) { time, _ in time.year }
    static let month = timePart("month", "The month, 1 to 12, in UTC.", example: 1) { time, _ in time.month }
    static let day = timePart("day", "The day of the month, from 1, in UTC.", example: 2) { time, _ in time.day }
    static let hour = timePart("hour", "The hour, 0 to 23, in UTC.", example: 3) { time, _ in time.hour }
    static let minute = timePart("minute", "The minute, 0 to 59.", example: 4) { time, _ in time.minute }
    static let second = timePart("second", "The second, 0 to 59.", example: 5) { time, _ in time.second }
    static let weekday = timePart("weekday", "The day of the week in UTC, 1 for Monday to 7 for Sunday.", example: 5) {
        _, nanoseconds in
        let fromSunday = CalendarTime.weekday(nanoseconds: nanoseconds)
        return fromSunday == 0 ? 7 : fromSunday
    }
    static let unix = timePart("unix", "Whole seconds since 1970-01-01T00:00:00Z.", example: 97_445) { _, nanoseconds in
        floorDivide(Int(nanoseconds), Int(nanosecondsPerSecond)).quotient
    }

    /// Eight of one make; the example is 1970-01-02T03:04:05.5Z, a Friday.
    private static func timePart(
        _ name: String, _ summary: String, example: Int64, _ part: @escaping @Sendable (CalendarTime, Int64) -> Int
    ) -> Builtin {
        Builtin(
            name, on: .time, gives: .int, summary: summary,
            examples: [Example(.time(97_445_500_000_000), gives: .int(example))],
            body: { (call) throws(Fault) in .int(part(try call.calendarTime(name), call.receiver.int64)) })
    }
}
