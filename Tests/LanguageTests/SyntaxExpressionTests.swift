// SyntaxExpressionTests.swift: every form of expression and the tree that it becomes.

import Diagnostics
import Language
import Testing

struct SyntaxExpressionTests {
    @Test(arguments: [
        // literals
        ("42", "42"), ("1_000", "1000"), ("0x1f", "31"), ("0xFFFF_FFFF", "4294967295"), ("0", "0"), ("007", "7"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("1.5", "1.5"), ("2e9", "2000000000.0"), ("2e-9", "2e-09"), ("1_0.2_5", "10.25"), ("2E+3", "2000.0"),
        ("true", "true"), ("false", "false"), ("null", "null"),
        ("250ms", "(duration 250000000)"), ("5s", "(duration 5000000000)"), ("1.5s", "(duration 1500000000)"),
        ("3m", "(duration 180000000000)"), ("1h30m", "(duration 5400000000000)"), ("1d", "(duration 86400000000000)"),
        ("1h0.5s", "(duration 3600500000000)"), ("7us", "(duration 7000)"), ("0.0000000001s", "(duration 0)"),
        ("64kb", "(size 65536)"), ("4mb", "(size 4194304)"), ("1gb", "(size 1073741824)"),
        // lists and objects
        ("[]", "(list)"), ("[a, b, ...rest]", "(list a b (spread rest))"), ("[1,]", "(list 1)"),
        ("{}", "(object)"),
        (
            "{ id: 1, \"odd key\": 2, [computed]: 3, same, ...other }",
            "(object (entry id 1) (entry \"odd key\" 2) (computedEntry computed 3) (shorthandEntry same) (spread other))"
        ),
        ("{ in: 1, match: 2, }", "(object (entry in 1) (entry match 2))"),
        ("{ a: { b: [{}] } }", "(object (entry a (object (entry b (list (object))))))"),
        ("[x for x in xs]", "(listComprehension x (clause x - xs -))"),
        (
            "[l.price * l.qty for l in order.lines where l.qty > 0]",
            "(listComprehension (multiply (member l price) (member l qty)) (clause l - (member order lines) (greater (member l qty) 0)))"
        ),
        ("[i for i in 0..<10]", "(listComprehension i (clause i - (interval/1 0 10) -))"),
        ("{ [l.sku]: l.qty for l in ls }", "(objectComprehension (member l sku) (member l qty) (clause l - ls -))"),
        ("{ [k]: v for k, v in o where v > 1 }", "(objectComprehension k v (clause k v o (greater v 1)))"),
        // postfix
        ("a.b.c", "(member (member a b) c)"), ("a?.b", "(member/1 a b)"), ("a[0][\"x\"]", "(index (index a 0) \"x\")"),
        ("event.data.on", "(member (member event data) on)"), ("a.match.if", "(member (member a match) if)"),
        ("f()", "(call f)"), ("f(1, 2,)", "(call f (argument - 1) (argument - 2))"),
        ("f(a, ttl: 5s)", "(call f (argument - a) (argument ttl (duration 5000000000)))"),
        ("f(in: 1, \"x-y\": 2)", "(call f (argument in 1) (argument \"x-y\" 2))"),
        (
            "l.sort_by(.price, descending: true).first()",
            "(call (member (call (member l sort_by) (argument - (selector price)) (argument descending true)) first))"
        ),
        ("p.publish_all(l, id: .a.b)", "(call (member p publish_all) (argument - l) (argument id (selector a b)))"),
        ("a.b(c)[d].e?.f", "(member/1 (member (index (call (member a b) (argument - c)) d) e) f)"),
        ("-1.abs()", "(negate (call (member 1 abs)))"), ("1.abs()", "(call (member 1 abs))"),
        // template calls
        ("db.one \"SELECT 1\"", "(templateCall (member db one) \"SELECT 1\")"),
        ("db.one \"x ${id}\" ?? 1", "(coalesce (templateCall (member db one) (text \"x \" id)) 1)"),
        ("db.one \"x\".price", "(member (templateCall (member db one) \"x\") price)"),
        (
            "db.rows \"\"\"\n  SELECT ${a}\n  FROM t\n  \"\"\"",
            "(templateCall (member db rows) (text \"SELECT \" a \"\\nFROM t\"))"
        ),
        ("db.one r\"\\d\"", "(templateCall (member db one) \"\\\\d\")"),
        // worded
        ("if a { 1 }", "(ifExpression a (block 1) -)"),
        ("if a { 1 } else if b { 2 } else { 3 }", "(ifExpression a (block 1) (ifExpression b (block 2) (block 3)))"),
        ("any(x in xs where x > 1)", "(anyQuantifier x xs (greater x 1))"),
        ("all(x in xs where x)", "(allQuantifier x xs x)"),
        ("exists(event.data.id)", "(exists (member (member event data) id))"),
        ("together [a(), b()]", "(together (list (call a) (call b)))"),
        ("together { a: f(), }", "(together (object (entry a (call f))))"),
        ("together [f(p) for p in ps]", "(together (listComprehension (call f (argument - p)) (clause p - ps -)))"),
        ("transaction db { }", "(transaction db - (block))"),
        (
            "transaction db (timeout: 5s) { 1 }",
            "(transaction db (options (option timeout (duration 5000000000))) (block 1))"
        ),
        (
            "lock locks[\"a\"] (ttl: 30s) { 1 }",
            "(lock locks \"a\" (options (option ttl (duration 30000000000))) (block 1))"
        ),
        ("update s[k] as c { c + 1 }", "(update s k - c (block (add c 1)))"),
        (
            "update s[k] (tries: 10, ttl: 1h) as current { keep }",
            "(update s k (options (option tries 10) (option ttl (duration 3600000000000))) current (block (keepExit)))"
        ),
    ])
    func `an expression becomes this tree`(text: String, tree: String) {
        let parsed = Parsed.expression(text)
        #expect(parsed.titles == [])
        #expect(parsed.expressionDump == tree)
    }

    @Test(arguments: [
        ("a or b and c", "(or a (and b c))"), ("a and b or c", "(or (and a b) c)"), ("a or b or c", "(or (or a b) c)"),
        ("not a and b", "(and (not a) b)"), ("not not a", "(not (not a))"),
        ("a and not b or c", "(or (and a (not b)) c)"),
        ("not a == b", "(not (equal a b))"), ("not a in b", "(not (isIn a b))"),
        ("a == b and c != d", "(and (equal a b) (notEqual c d))"),
        ("a ?? 0 > 3", "(greater (coalesce a 0) 3)"), ("a ?? b ?? c", "(coalesce (coalesce a b) c)"),
        ("a + b ?? c * d", "(coalesce (add a b) (multiply c d))"),
        ("a + b * c - d", "(subtract (add a (multiply b c)) d)"),
        ("a * b / c % d", "(remainder (divide (multiply a b) c) d)"),
        ("-a * b", "(multiply (negate a) b)"), ("a - -b", "(subtract a (negate b))"), ("--a", "(negate (negate a))"),
        ("(a + b) * c", "(multiply (add a b) c)"), ("a - (b - c)", "(subtract a (subtract b c))"),
        ("a < b + 1", "(less a (add b 1))"), ("a <= b", "(lessOrEqual a b)"), ("a >= b", "(greaterOrEqual a b)"),
        ("a in b", "(isIn a b)"), ("a not in b", "(isNotIn a b)"), ("a in 1..10", "(isIn a (interval 1 10))"),
        ("a in 0..<n + 1 and b", "(and (isIn a (interval/1 0 (add n 1))) b)"), ("a in ..5", "(isIn a (interval - 5))"),
        ("a in 1.. and b", "(and (isIn a (interval 1 -)) b)"), ("a not in ..<5", "(isNotIn a (interval/1 - 5))"),
        ("a in b ?? c", "(isIn a (coalesce b c))"), ("a + 1 in b", "(isIn (add a 1) b)"),
        ("f() catch 0", "(catchValue (call f) 0)"), ("f() catch a or b", "(catchValue (call f) (or a b))"),
        ("f() catch { qty: 0 }", "(catchValue (call f) (object (entry qty 0)))"),
        ("f() catch e { e }", "(catchBinding (call f) e (block e))"),
        ("f() catch e", "(catchValue (call f) e)"),
        ("f() catch return 1", "(catchValue (call f) (returnExit 1))"),
        ("a or b catch c catch d", "(catchValue (catchValue (or a b) c) d)"),
        ("a ?? return b or c", "(coalesce a (returnExit (or b c)))"),
        ("a ?? fail not_found(\"x\")", "(coalesce a (failExit (call not_found (argument - \"x\"))))"),
        ("a ?? fail b catch c", "(coalesce a (failExit (catchValue b c)))"),
        ("a ?? retry", "(coalesce a (retryExit -))"), ("a ?? drop \"why\"", "(coalesce a (dropExit \"why\"))"),
        ("(return a) + 1", "(add (returnExit a) 1)"),
        ("a == (b == c)", "(equal a (equal b c))"),
    ])
    func `operators bind as the grammar says`(text: String, tree: String) {
        let parsed = Parsed.expression(text)
        #expect(parsed.titles == [])
        #expect(parsed.expressionDump == tree)
    }

    @Test(arguments: [
        (#""""#, #""""#), (#""plain""#, #""plain""#), (#""\n\r\t\\\"\$""#, #""\n\r\t\\\"$""#),
        (#""\u{1F600}\u{e9}""#, #""😀é""#),
        (#""a ${b} c""#, #"(text "a " b " c")"#), (#""${a}""#, "(text a)"), (#""${a}${b}""#, "(text a b)"),
        (#""${"x${y}z"}""#, #"(text (text "x" y "z"))"#),
        (#""${f({ a: "}" })}""#, #"(text (call f (argument - (object (entry a "}")))))"#),
        (#""$ $1 $$ {a}""#, #""$ $1 $$ {a}""#), (#""\${a}""#, #""${a}""#), (#""$${a}""#, #"(text "$" a)"#),
        (#""\n${a}\t""#, #"(text "\n" a "\t")"#), (#"r"\d+${x}""#, #""\\d+${x}""#), (#""größe 日本""#, #""größe 日本""#),
        (##""# no comment""##, ##""# no comment""##), (##""${a} # ${b}""##, #"(text a " # " b)"#),
        ("\"\"\"\n  one\n    two\n\n  three\n  \"\"\"", #""one\n  two\n\nthree""#), ("\"\"\"\n\"\"\"", #""""#),
        ("\"\"\"\n\n\"\"\"", #""""#),
        ("\"\"\"\n\n\n\"\"\"", #""\n""#), ("\"\"\"  \n  a\n  \"\"\"", #""a""#), ("\"\"\"\n\ta\n\t\"\"\"", #""a""#),
        ("\"\"\"\n  say \"hi\" \"\" \\\"\"\"\n  \"\"\"", #""say \"hi\" \"\" \"\"\"""#),
        ("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", #""a\nb""#),
        ("\"\"\"\n  ${a}\n  b ${c}\n  \"\"\"", #"(text a "\nb " c)"#),
        ("\"\"\"\n  ${a +\n b}\n  \"\"\"", "(text (add a b))"),
        ("\"\"\"\n  a\\tb\n  \"\"\"", #""a\tb""#), ("\"\"\"\n    a\n  \"\"\"", #""  a""#),
        ("\"\"\"\n  ${\"\"\"\n    x\n    \"\"\"}\n  \"\"\"", #"(text "x")"#),
    ])
    func `a string has this value`(text: String, tree: String) {
        let parsed = Parsed.expression(text)
        #expect(parsed.titles == [])
        #expect(parsed.expressionDump == tree)
    }

    @Test(arguments: [
        ("string", "(typeName string - -)"), ("any", "(typeName any - -)"), ("T?", "(typeOptional (typeName T - -))"),
        ("string(1..256)", "(typeName string (boundsInterval (interval 1 256)) -)"),
        ("string(..4000)", "(typeName string (boundsInterval (interval - 4000)) -)"),
        ("int(0..)", "(typeName int (boundsInterval (interval 0 -)) -)"),
        ("int(-5..<-1)", "(typeName int (boundsInterval (interval/1 (negate 5) (negate 1))) -)"),
        ("float(0.0..1.0)", "(typeName float (boundsInterval (interval 0.0 1.0)) -)"),
        ("int(limits.low..high)", "(typeName int (boundsInterval (interval (path limits low) (path high))) -)"),
        ("string(like: \"ORD-*\")", "(typeName string (boundsLike \"ORD-*\") -)"),
        ("string(\"a\"..\"m\")", "(typeName string (boundsInterval (interval \"a\" \"m\")) -)"),
        ("[T](1..100)", "(typeList (typeName T - -) (boundsInterval (interval 1 100)))"),
        ("{T}", "(typeDictionary (typeName T - -) -)"),
        (
            "[[{int?}]?]",
            "(typeList (typeOptional (typeList (typeDictionary (typeOptional (typeName int - -)) -) -)) -)"
        ),
        ("\"card\" | \"cash\"", "(typeUnion \"card\" \"cash\")"), ("1 | -2 | null", "(typeUnion 1 (negate 2) null)"),
        ("(true)", "error"), ("\"a\"?", "(typeOptional (typeUnion \"a\"))"),
        ("5s | 1m", "(typeUnion (duration 5000000000) (duration 60000000000))"),
        ("Event<Widget>", "(typeName Event - (typeName Widget - -))"),
        (
            "Event<Event<Widget?>>?",
            "(typeOptional (typeName Event - (typeName Event - (typeOptional (typeName Widget - -)))))"
        ),
        ("size(1kb..)", "(typeName size (boundsInterval (interval (size 1024) -)) -)"),
    ])
    func `a type becomes this tree`(text: String, tree: String) {
        let parsed = Parsed("let x: \(text) = 1")
        guard tree != "error" else { return #expect(parsed.codes == ["E0201"]) }
        #expect(parsed.titles == [])
        #expect(parsed.dump == "(file (constant x \(tree) 1))")
    }

    @Test func `a closing angle and an equals sign may stand together`() {
        #expect(Parsed("let x: Event<A>= 1").dump == "(file (constant x (typeName Event - (typeName A - -)) 1))")
        #expect(Parsed("record R { a: Event<A>= 1 }").codes == [])
        #expect(Parsed("record R { a: Event<Event<A>>= 1 }").codes == [])
    }

    @Test(arguments: [
        ("_", "(wildcard)"), ("null", "null"), ("-1", "(negate 1)"), ("\"a\"", "\"a\""), ("x", "x"), ("int", "int"),
        ("0..<100", "(interval/1 0 100)"), ("..5", "(interval - 5)"), ("5..", "(interval 5 -)"),
        ("-5..-1", "(interval (negate 5) (negate 1))"),
        ("\"a\"..\"m\"", "(interval \"a\" \"m\")"),
        ("limits.low..limits.high", "(interval (path limits low) (path limits high))"),
        ("low..", "(interval (path low) -)"),
        ("1 | 2 | 3", "(alternatives 1 2 3)"), ("string as s", "(bindingPattern string s)"),
        ("1 | 2 as n", "(bindingPattern (alternatives 1 2) n)"),
        ("[]", "(listPattern)"), ("[a, _, ...rest]", "(listPattern a (wildcard) (restPattern rest))"),
        ("[[1 | 2], x,]", "(listPattern (listPattern (alternatives 1 2)) x)"),
        ("{}", "(objectPattern)"), ("{ id }", "(objectPattern id)"),
        (
            "{ kind: \"card\", last4: string, } as card",
            "(bindingPattern (objectPattern (fieldPattern kind \"card\") (fieldPattern last4 string)) card)"
        ),
        (
            "{ \"odd key\": 1, in: 2, x: { y: 0.. } }",
            "(objectPattern (fieldPattern \"odd key\" 1) (fieldPattern in 2) (fieldPattern x (objectPattern (fieldPattern y (interval 0 -)))))"
        ),
    ])
    func `a pattern becomes this tree`(text: String, tree: String) {
        for (arm, rest) in [("\(text) => 1", "- 1"), ("\(text) where y { 1 }", "y (block 1)")] {
            let parsed = Parsed.expression("match e { \(arm) }")
            #expect(parsed.titles == [])
            #expect(parsed.expressionDump == "(matchExpression e (arm \(tree) \(rest)))")
        }
    }

    @Test func `match separates its arms by lines or commas`() {
        let tree =
            "(matchExpression t (arm (interval/1 0 100) - \"small\") (arm x (greater x 5) (block 1)) (matchOtherwise \"large\"))"
        #expect(
            Parsed.expression("match t {\n 0..<100 => \"small\"\n x where x > 5 { 1 }\n otherwise => \"large\"\n}")
                .expressionDump == tree)
        #expect(
            Parsed.expression("match t { 0..<100 => \"small\", x where x > 5 { 1 }, otherwise => \"large\", }")
                .expressionDump == tree)
    }
}
