// Catalogue+Text.swift: the pages of E01xx, what can be wrong with the text itself.

extension Catalogue {
    static let text: [CataloguePage] = [
        CataloguePage(
            .unterminatedString, "this string has no end",
            """
            A plain string ends on the line where it begins; a text over several lines stands between `\"\"\"` and \
            `\"\"\"`. The place shown is where the string begins, for that is where the quote is missing from.
            """,
            wrong: "let greeting = \"hello\n",
            right: "let greeting = \"hello\"\n"),
        CataloguePage(
            .badEscape, "`…` is not an escape",
            """
            In a string a backslash begins an escape: `\\n` `\\r` `\\t` `\\\\` `\\"` `\\$` or `\\u{1F600}`. A backslash \
            itself is written twice; in a raw string, `r"\\d+"`, it stands for itself, which suits regular expressions.
            """,
            wrong: "let digits = \"\\d+\"\n",
            right: "let digits = r\"\\d+\"\n"),
        CataloguePage(
            .lookAlikeCharacter, "`…` only looks like `…`",
            """
            The character looks like one that Bay knows but is another one: a curly quote, a long dash, a space that \
            does not break. Word processors, chats and web pages put them there. Type the plain character.
            """,
            wrong: "let greeting = “hello”\n",
            right: "let greeting = \"hello\"\n"),
        CataloguePage(
            .invalidCharacter, "invalid character `…`",
            """
            The character means nothing in Bay. Names are made of the letters `a` to `z` and `A` to `Z`, digits and \
            `_`; in strings and comments every character may stand.
            """,
            wrong: "let größe = 3\n",
            right: "let groesse = 3\n"),
        CataloguePage(
            .badNumber, "`…` is not a number",
            """
            A number has digits on both sides of its dot, a `_` only between two digits and, if it is a duration or \
            a size, units that Bay knows: `ns us ms s m h d` and `kb mb gb`. In a compound duration the units become \
            smaller from left to right, `1h30m`, and only the last part may have a fraction.
            """,
            wrong: "let pause = 5sec\n",
            right: "let pause = 5s\n"),
        CataloguePage(
            .numberTooLarge, "`…` is too large",
            """
            An int has 64 bits with a sign, a duration counts nanoseconds in as many, and a float is finite. What is \
            larger, an account number for instance, is a string.
            """,
            wrong: "let account = 12345678901234567890\n",
            right: "let account = \"12345678901234567890\"\n"),
        CataloguePage(
            .notUTF8, "this file is not UTF-8",
            """
            A `.bay` file is UTF-8. The place shown is the first byte that cannot be read as that; most often the file \
            was saved in another encoding. Nothing of the file is read until it is saved as UTF-8.
            """),
        CataloguePage(
            .foreignSpelling, "`…` is written `…`",
            """
            The operator or comment is spelt as in another language. Bay uses words for logic, `and or not`, has one \
            comparison, `==` and `!=`, and comments begin with `#`.
            """,
            wrong: "fn both(a, b) = a && b\n",
            right: "fn both(a, b) = a and b\n"),
        CataloguePage(
            .badTextBlock, "a `\"\"\"` text begins on the next line",
            """
            A text over several lines begins on the line after the opening quotes and ends on the line before the \
            closing ones, which stand alone on theirs. Their indent is taken away from every line, so every line \
            begins with at least that.
            """,
            wrong: "let text = \"\"\"one\n  two\n  \"\"\"\n",
            right: "let text = \"\"\"\n  one\n  two\n  \"\"\"\n"),
        CataloguePage(
            .fileTooLarge, "this file has more than … bytes",
            """
            A source file has at most 1 MB (`--source-bytes` says otherwise), so that a file that was put there by mistake \
            cannot hold up a reload. Split it: all files below the folder belong to the deployment.
            """),
        CataloguePage(
            .interpolationNotAllowed, "`${ }` cannot stand in …",
            """
            The string is read when the file is loaded, long before an event comes: a route, a pattern, a key, a target. \
            So it is plain text. In an object a computed key stands in square brackets: `{ ["n${i}"]: 1 }`.
            """,
            wrong: "store shelf = \"state${1}\"\n",
            right: "store shelf = \"state1\"\n"),
    ]
}
