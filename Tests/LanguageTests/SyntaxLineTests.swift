// SyntaxLineTests.swift: where a line ends a construct and where it goes on (language.md section 3), and heads.

import Diagnostics
import Language
import Testing

struct SyntaxLineTests {
    @Test(arguments: [
        // a line ends a statement
        ("a\nb", "a b"), ("a; b;; c", "a b c"), ("a\n\n# c\n\nb", "a b"), ("a # comment\nb", "a b"),
        // the construct goes on after these
        ("let x =\n1", "(letStatement x - 1)"), ("a +\nb", "(add a b)"), ("a and\nb", "(and a b)"),
        ("a ??\nb", "(coalesce a b)"),
        ("not\na", "(not a)"), ("a in\nb", "(isIn a b)"), ("a catch\nb", "(catchValue a b)"),
        ("f(\n1,\n2\n)", "(call f (argument - 1) (argument - 2))"),
        ("a.\nb", "(member a b)"), ("let x:\nint\n= 1", "(letStatement x (typeName int - -) 1)"),
        ("let\nx\n= 1", "(letStatement x - 1)"),
        ("{ a:\n1,\nb\n}\n?.c", "(member/1 (object (entry a 1) (shorthandEntry b)) c)"),
        // a line that begins with these goes on
        ("a\n.b\n?.c", "(member/1 (member a b) c)"), ("a\n?? b", "(coalesce a b)"),
        ("a\nand b\nor c", "(or (and a b) c)"),
        ("a\nin b", "(isIn a b)"), ("a\nnot in b", "(isNotIn a b)"), ("a\ncatch b", "(catchValue a b)"),
        ("a\n== b", "(equal a b)"),
        ("a\n+ b\n* c\n/ d\n% e", "(add a (remainder (divide (multiply b c) d) e))"), ("a\n<= b", "(lessOrEqual a b)"),
        ("a # x\n# y\n+ b", "(add a b)"),
        ("if a { 1 }\nelse { 2 }", "(ifExpression a (block 1) (block 2))"), ("x\n\n\n+ y", "(add x y)"),
        ("update s[k]\nas c { 1 }", "(update s k - c (block 1))"),
        // a line that begins with these never does
        ("a\n(b)", "a b"), ("a\n[b]", "a (list b)"), ("a\n-b", "a (negate b)"), ("a\n\"s\"", "a \"s\""),
        ("a.b\n\"s\"", "(member a b) \"s\""),
        ("a\n{ b: 1 }", "a (object (entry b 1))"), ("a\nnot b", "a (not b)"),
        // exits take their operand on their line
        ("return\na", "(returnExit -) a"), ("return a", "(returnExit a)"), ("retry\n\"x\"", "(retryExit -) \"x\""),
        ("return -a", "(returnExit (negate a))"),
        ("(a ?? return\nb)", "(coalesce a (returnExit b))"), ("return { a: 1 }", "(returnExit (object (entry a 1)))"),
        ("return a\n+ b", "(returnExit (add a b))"),
        ("return;b", "(returnExit -) b"), ("break\ncontinue\nkeep", "(breakExit) (continueExit) (keepExit)"),
        // directly inside ( ) and [ ] lines separate nothing; a block inside has its lines again
        ("f(a\n+ b)", "(call f (argument - (add a b)))"), ("[\na\n,\nb\n]", "(list a b)"), ("(\na\n)", "a"),
        ("f(if a {\nb\nc\n} else { d })", "(call f (argument - (ifExpression a (block b c) (block d))))"),
        ("f(match a {\n1 => b\n2 => c\n})", "(call f (argument - (matchExpression a (arm 1 - b) (arm 2 - c))))"),
        // catch NAME { on one line binds
        ("a catch e { b }", "(catchBinding a e (block b))"), ("a\ncatch e {\nb\n}", "(catchBinding a e (block b))"),
        ("a catch e\n{ b: 1 }", "(catchValue a e) (object (entry b 1))"),
        // no new line around the dots
        ("a in 1..\nb", "(isIn a (interval 1 -)) b"),
        // statements that end at their brace
        ("if a { 1 }\n+ b", "E0201"), ("if a { 1 }\n-b", "(ifExpression a (block 1) -) (negate b)"),
        ("if a { 1 }\n(b)", "(ifExpression a (block 1) -) b"),
        ("if a { 1 } else { 2 }.b", "(member (ifExpression a (block 1) (block 2)) b)"),
        ("match a { 1 => 2 }\n.b()", "(call (member (matchExpression a (arm 1 - 2)) b))"),
        ("match a { 1 => 2 } ?? b", "(coalesce (matchExpression a (arm 1 - 2)) b)"),
        ("transaction d { 1 }\ncatch e { 2 }", "(catchBinding (transaction d - (block 1)) e (block 2))"),
        ("update s[k] as c { 1 }?.x + 1", "(add (member/1 (update s k - c (block 1)) x) 1)"),
        ("lock l[k] { 1 } catch 2", "(catchValue (lock l k - (block 1)) 2)"),
        ("let x = if a { 1 } else { 2 }\n+ b", "(letStatement x - (add (ifExpression a (block 1) (block 2)) b))"),
        ("if a { 1 } == 2", "E0202"), ("if a { 1 } b", "E0208"),
        // assignments and loops
        ("x = 1", "(assignment x 1)"),
        (
            "x += 1\ny -= 2\nz *= 3\nw /= 4",
            "(assignment/1 x 1) (assignment/2 y 2) (assignment/3 z 3) (assignment/4 w 4)"
        ),
        ("var t: int = 0", "(varStatement t (typeName int - -) 0)"), ("for x in xs { }", "(forLoop x - xs - (block))"),
        ("for k, v in o where v > 0 {\nf(k)\n}", "(forLoop k v o (greater v 0) (block (call f (argument - k))))"),
        ("for i in 0..<n { }", "(forLoop i - (interval/1 0 n) - (block))"),
        ("for i in 1..n + 1 { i }", "(forLoop i - (interval 1 (add n 1)) - (block i))"), ("fail e", "(failExit e)"),
    ])
    func `lines end statements, or do not`(body: String, tree: String) {
        let parsed = Parsed.statements(body)
        if tree.hasPrefix("E0") { return #expect(parsed.codes == [tree]) }
        #expect(parsed.titles == [])
        #expect(parsed.statementsDump == tree)
    }

    @Test(arguments: [
        ("if a in 1.. { b }", "(ifExpression (isIn a (interval 1 -)) (block b) -)"),
        ("if x == { a: 1 } { b }", "(ifExpression (equal x (object (entry a 1))) (block b) -)"),
        ("if a ?? return { b }", "(ifExpression (coalesce a (returnExit -)) (block b) -)"),
        ("if a ?? retry { b }", "(ifExpression (coalesce a (retryExit -)) (block b) -)"),
        ("if a catch e { b }", "(ifExpression (catchValue a e) (block b) -)"),
        ("if (a catch e { c }) { b }", "(ifExpression (catchBinding a e (block c)) (block b) -)"),
        ("if f({ x: 1 }) { b }", "(ifExpression (call f (argument - (object (entry x 1)))) (block b) -)"),
        ("if [x in 1.. ] { b }", "(ifExpression (list (isIn x (interval 1 -))) (block b) -)"),
        ("if match a { 1 => c } { b }", "(ifExpression (matchExpression a (arm 1 - c)) (block b) -)"),
        ("if { a: 1 } == x { b }", "(ifExpression (equal (object (entry a 1)) x) (block b) -)"),
        ("match a ?? drop { 1 => 2 }", "(matchExpression (coalesce a (dropExit -)) (arm 1 - 2))"),
        ("for x in a catch b { c }", "(forLoop x - (catchValue a b) - (block c))"),
        ("for x in xs where x in 1.. { c }", "(forLoop x - xs (isIn x (interval 1 -)) (block c))"),
        ("match a { x where x in ..<3 { c } }", "(matchExpression a (arm x (isIn x (interval/1 - 3)) (block c)))"),
        ("match a { 1.. { c } }", "(matchExpression a (arm (interval 1 -) - (block c)))"),
        (
            "if \"${{ a: 1 }.a}\" == x { b }",
            "(ifExpression (equal (text (member (object (entry a 1)) a)) x) (block b) -)"
        ),
        (
            "if a { 1 } else if b catch c { 2 }",
            "(ifExpression a (block 1) (ifExpression (catchValue b c) (block 2) -))"
        ),
        (
            "if (x in 1..{ a: 2 }.a) { b }",
            "(ifExpression (isIn x (interval 1 (member (object (entry a 2)) a))) (block b) -)"
        ),
    ])
    func `in a head the first brace that may open the block does`(body: String, tree: String) {
        let parsed = Parsed.statements(body)
        #expect(parsed.titles == [])
        #expect(parsed.statementsDump == tree)
    }

    @Test(arguments: [
        ("record A { }", "(record A)"),
        (
            "record A { a: int, b: string? = null }",
            "(record A (field a (typeName int - -) -) (field b (typeOptional (typeName string - -)) null))"
        ),
        (
            "record A {\n  in: int\n  \"odd\": int = 1,\n\n  c: [A]\n}",
            "(record A (field in (typeName int - -) -) (field \"odd\" (typeName int - -) 1) (field c (typeList (typeName A - -) -) -))"
        ),
        ("event \"widget.v1\": Widget", "(eventType \"widget.v1\" (typeName Widget - -))"),
        ("let max: int = 5", "(constant max (typeName int - -) 5)"),
        (
            "fn f(a, b: int,) -> int = a + b",
            "(function f (parameters (parameter a -) (parameter b (typeName int - -))) (typeName int - -) (add a b))"
        ), ("fn f() { 1 }", "(function f (parameters) - (block 1))"),
        ("handler h() { }", "(handler h - (block))"),
        (
            "handler save(event: Event<Widget>) { }",
            "(handler save (parameter event (typeName Event - (typeName Widget - -))) (block))"
        ),
        ("store shelf = \"statestore\"", "(resource store shelf (targetText \"statestore\") -)"),
        (
            "database inventory = secret(\"secrets/postgres\")",
            "(resource database inventory (targetSecret \"secrets/postgres\" -) -)"
        ),
        (
            "database d = secret(\"a/b\", \"key\") (timeout: 5s)",
            "(resource database d (targetSecret \"a/b\" \"key\") (options (option timeout (duration 5000000000))))"
        ), ("app a = env(\"NAME\")", "(resource app a (targetEnvironment \"NAME\" -) -)"),
        ("lock locks = \"l\"", "(resource lock locks (targetText \"l\") -)"),
        (
            "service c = \"p\" (\n proto: \"p.proto\",\n name: \"N\",\n)",
            "(resource service c (targetText \"p\") (options (option proto \"p.proto\") (option name \"N\")))"
        ),
        (
            "topic t = \"p/t\"\nbinding b = \"b\"; settings s = \"s\"",
            "(resource topic t (targetText \"p/t\") -) (resource binding b (targetText \"b\") -) (resource settings s (targetText \"s\") -)"
        ),
        ("subscribe \"p/t\" { }", "(subscribe \"p/t\" -)"),
        (
            "subscribe \"p/t\" (backoff: 100ms..2s, match: \"all\") {\n on \"a\", \"b*\" as n where event.x in 1.. => m.h\n on => m.g\n on \"c\" { x(event) }\n otherwise => m.o\n}",
            "(subscribe \"p/t\" (options (option backoff (interval (duration 100000000) (duration 2000000000))) (option match \"all\")) (rule (typePatterns \"a\" \"b*\") n (isIn (member event x) (interval 1 -)) (path m h)) (rule (typePatterns) - - (path m g)) (rule (typePatterns \"c\") - - (block (call x (argument - event)))) (otherwiseRule (path m o)))"
        ),
        (
            "subscribe \"p/t\" {\n on \"a\",\n \"b\"\n as n\n where x\n => m.h\n}",
            "(subscribe \"p/t\" - (rule (typePatterns \"a\" \"b\") n x (path m h)))"
        ),
        ("get \"/v1/{id}\" => widgets.load", "(endpoint get \"/v1/{id}\" - (path widgets load))"),
        (
            "post \"/x\" (limit: 5) { return 1 }",
            "(endpoint post \"/x\" (options (option limit 5)) (block (returnExit 1)))"
        ),
        ("delete \"/x\"\n=> a.b.c", "(endpoint delete \"/x\" - (path a b c))"),
        (
            "job \"nightly\" (schedule: \"0 3 * * *\") => a.b",
            "(trigger job \"nightly\" (options (option schedule \"0 3 * * *\")) (path a b))"
        ),
        ("input \"q\" => a.b", "(trigger input \"q\" - (path a b))"),
        (
            "serve \"p.proto\" as a.b.C (x: 1) {\n Get => s.find\n Put { 1 }\n}",
            "(serve \"p.proto\" (path a b C) (options (option x 1)) (serveMethod Get (path s find)) (serveMethod Put (block 1)))"
        ),
        // words are words only where they open something
        (
            "fn record(event, on, get) { event.record(on).get }",
            "(function record (parameters (parameter event -) (parameter on -) (parameter get -)) - (block (member (call (member event record) (argument - on)) get)))"
        ),
        (
            "handler handler(store) { store = 1; topic.get(\"x\"); post(\"x\"); job }",
            "(handler handler (parameter store -) (block (assignment store 1) (call (member topic get) (argument - \"x\")) (call post (argument - \"x\")) job))"
        ),
    ])
    func `a declaration becomes this tree`(text: String, tree: String) {
        let parsed = Parsed(text)
        #expect(parsed.titles == [])
        #expect(parsed.dump == "(file \(tree))")
    }

    @Test func `a BOM is skipped and CRLF counts as LF`() {
        let text = "handler a(event) {\n  f(event)\n  let x = \"\"\"\n    one\n    two\n    \"\"\"\n}\n"
        let crlf = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let parsed = Parsed(bytes: [0xEF, 0xBB, 0xBF] + Array(crlf.utf8))
        #expect(parsed.titles == [])
        #expect(parsed.dump == Parsed(text).dump)
        #expect(Parsed("").dump == "(file)" && Parsed("\n# only\n").dump == "(file)")
        #expect(Parsed("# a\r\n# b").tree.comments.map { $0.end - $0.start } == [3, 3])
    }
}

struct SyntaxDocumentationTests {
    @Test(arguments: [
        ("# one\n# two\nlet x = 1", "one\ntwo"), ("# far\n\nlet x = 1", ""), ("let y = 2 # behind\nlet x = 1", ""),
        ("#one\n  #  two\nlet x = 1", "one\n two"),
        ("let x = 1", ""), ("# a\n\n# b\nlet x = 1", "b"), ("#\nlet x = 1", ""),
    ])
    func `the comment lines directly above a declaration are its documentation`(text: String, documentation: String)
        throws
    {
        let parsed = Parsed(text)
        let declaration = try #require(parsed.tree.children(of: parsed.tree.root).last)
        #expect(parsed.tree.documentation(of: declaration, in: parsed.source) == documentation)
    }

    @Test(arguments: ["and", "as", "catch", "else", "in", "not", "or", "where"])
    func `a field may be called by a word that would go on with the line before`(word: String) {
        let parsed = Parsed("record A {\n  a: bool = if x { y }\n  \(word): int\n}")
        #expect(parsed.titles == [])
        #expect(parsed.dump.contains("(field \(word) (typeName int - -) -)"))
    }
}
