// BuiltinTable.swift: all builtins, in the order of their numbers.
//
// Neighbours: Builtins/ (one file each).

extension Builtin {
    /// A new one goes to the end of its line; numbers stand in bytecode, which never outlives the process.
    package static let all: [Builtin] = [
        .length, .lower, .upper, .trim, .split, .join, .replace, .startsWith, .endsWith, .contains, .like, .indexOf,
        .slice, .repeat, .padLeft, .padRight, .toInt, .toFloat, .toString, .toTime, .toDuration, .toJSON, .fromJSON,
        .base64Encode, .base64Decode, .hexEncode, .hexDecode, .urlEncode, .urlDecode, .equalsIgnoreCase, .inCIDR,
        .sha256, .hmacSHA256, .matches, .capture,
        .append, .concat, .first, .last, .get, .reverse, .sort, .sortBy, .unique, .flatten, .sum, .min, .max, .zip,
        .groupBy, .keys, .values, .has, .set, .remove, .merge, .pick, .omit,
        .abs, .round, .floor, .ceil, .clamp, .div, .kind,
        .add, .subtract, .format, .truncate, .year, .month, .day, .hour, .minute, .second, .weekday, .unix,
    ]
}
