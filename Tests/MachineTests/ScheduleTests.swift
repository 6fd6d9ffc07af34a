// ScheduleTests.swift: when cron fields and periods are due, checked against dates that were worked out by hand.

import Machine
import Testing

struct ScheduleTests {
    private static func time(_ text: String) throws -> Int64 {
        try #require(timeNanoseconds(fromRFC3339: Array(text.utf8)))
    }

    @Test(arguments: [
        ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
        ("0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"),
        ("0 3 * * *", "2026-01-01T02:59:59.5Z", "2026-01-01T03:00:00Z"),
        ("30 0 3 * * *", "2026-01-01T03:00:29Z", "2026-01-01T03:00:30Z"),
        ("*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00Z"),
        ("5/20 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:05:00Z"),
        ("0 9-17/4 * * mon-fri", "2026-01-02T17:00:00Z", "2026-01-05T09:00:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 31 * *", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"),
        // Both days are named, so either fits: Friday the 2nd comes before the 13th.
        ("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
        ("0 0 1 JAN,jul ?", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z"),
        ("@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
        ("@daily", "2026-02-28T12:00:00Z", "2026-03-01T00:00:00Z"),
        ("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
        ("@every 1h30m", "2026-01-01T00:00:01Z", "2026-01-01T01:30:01Z"),
        ("@every 1.5h", "2026-01-01T00:00:00Z", "2026-01-01T01:30:00Z"),
        ("@every 0.25s", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
        ("@every 1s", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"),
    ])
    func `the next moment is the first one that fits`(text: String, now: String, next: String) throws {
        #expect(try Schedule(text).next(after: Self.time(now)) == Self.time(next))
    }

    @Test(arguments: [
        ("0 3 * * *", "0 0 3 * * *"), ("1 0 3 * * *", "1 0 3 * * *"), ("@every 90m", "@every 90m"),
        ("@midnight", "0 0 0 * * *"),
    ])
    func `it is written as the scheduler takes it`(text: String, written: String) throws {
        #expect(try Schedule(text).text == written)
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 4,6 *"])
    func `a date that no year has is never due`(text: String) throws {
        #expect(try Schedule(text).next(after: 0) == nil)
    }

    @Test(arguments: [
        "", " ", "* * * *", "* * * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "5-1 * * * *", "*/0 * * * *", "1/2/3 * * * *", "a * * * *", "1,, * * * *", "1--2 * * * *", "-1 * * * *",
        "@sometimes", "@every", "@every 0s", "@every 5", "@every .5h", "@every 1..5h", "@every 1e3s", "@every -1h",
        "@every 99999999999999999999h",
        "@daily 5", "٣ * * * *",
    ])
    func `what is no schedule says why`(text: String) {
        #expect(throws: Schedule.Problem.self) { try Schedule(text) }
    }
}
