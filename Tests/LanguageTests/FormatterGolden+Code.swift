// FormatterGolden+Code.swift: pairs for statements, expressions and comments.

extension FormatterGolden {
    static let statements: [FormatterGolden] = [
        .statement("locals", "let a=1\nvar b :int=2 ; b+=1;b-=a", "let a = 1\nvar b: int = 2\nb += 1\nb -= a"),
        .statement(
            "loops", "for i in 0 ..<10{x(i)}\nfor key,value in event.data where value!=null{\nx(key) }",
            "for i in 0..<10 { x(i) }\nfor key, value in event.data where value != null {\n  x(key)\n}"),
        .statement(
            "an if on a line, and one that is too long for it",
            "if a{b()}else{c()}\nif total > 1_000 { audit.publish({ total }) } else if total > 100 { audit.publish({ total }) } else { log.info(\"small\") }",
            """
            if a { b() } else { c() }
            if total > 1_000 {
              audit.publish({ total })
            } else if total > 100 {
              audit.publish({ total })
            } else {
              log.info("small")
            }
            """),
        .statement(
            "one open block opens all of the if", "if a { b() } else {\nc() }", "if a {\n  b()\n} else {\n  c()\n}"),
        .statement(
            "exits", "if a{keep}\nfor x in y{continue}\nfail  not_found(\"no\")",
            "if a { keep }\nfor x in y { continue }\nfail not_found(\"no\")"),
        .statement(
            "catch",
            "let a=x.get(\"b\")catch e{log.info(e.class);fail e}\nlet b=x.get(\"b\")catch{qty:0}\nlet c=x.get(\"b\")catch return null",
            """
            let a = x.get("b") catch e {
              log.info(e.class)
              fail e
            }
            let b = x.get("b") catch { qty: 0 }
            let c = x.get("b") catch return null
            """),
        .statement(
            "update, lock, transaction",
            "update shelf[\"count:${id}\"](tries:10,ttl:1h)as current{(current??0)+1}\nlock locks[\"x\"](ttl:30s){a()}\ntransaction inventory{\ninventory.exec \"A\"\ninventory.exec \"B\"}",
            """
            update shelf["count:${id}"] (tries: 10, ttl: 1h) as current { (current ?? 0) + 1 }
            lock locks["x"] (ttl: 30s) { a() }
            transaction inventory {
              inventory.exec "A"
              inventory.exec "B"
            }
            """),
        .statement(
            "match",
            """
            let size=match total{
            0..<100=>"small",100..<1_000=>"medium"
            otherwise=>"large"}
            match event.data{
            {kind:"card",last4:string}as card=>charge(card)
            {kind:"cash"}{cash.note(event)}

            [ first , ...rest ]|null where first>1=>{a:1}
            -1|-2..5|"x"=>x
            _=>fail invalid("unknown payment kind")
            }
            let n=match x{1=>2,otherwise=>3}
            """,
            """
            let size = match total {
              0..<100     => "small"
              100..<1_000 => "medium"
              otherwise   => "large"
            }
            match event.data {
              { kind: "card", last4: string } as card => charge(card)
              { kind: "cash" }                        { cash.note(event) }

              [first, ...rest] | null where first > 1 => { a: 1 }
              -1 | -2..5 | "x"                        => x
              _                                       => fail invalid("unknown payment kind")
            }
            let n = match x { 1 => 2, otherwise => 3 }
            """),
    ]

    static let expressions: [FormatterGolden] = [
        .statement(
            "operators", "a+b*-c-(d/e)%2==1 and not b or c not in[1,2]and d in 1 .. 2",
            "a + b * -c - (d / e) % 2 == 1 and not b or c not in [1, 2] and d in 1..2"),
        .statement("brackets are kept", "let a=((b))+(c*d)", "let a = ((b)) + (c * d)"),
        .statement(
            "a long sum is broken before its operators",
            "let total = order.first_part_of_the_price + order.second_part_of_the_price + order.third_part_of_it",
            "let total = order.first_part_of_the_price\n    + order.second_part_of_the_price\n    + order.third_part_of_it"
        ),
        .statement(
            "behind them where one is a minus",
            "let total = order.first_part_of_the_price + order.second_part_of_the_price - order.third_part_of_it",
            "let total = order.first_part_of_the_price +\n    order.second_part_of_the_price -\n    order.third_part_of_it"
        ),
        .statement(
            "in brackets",
            "let x = (event.data.first_part_of_the_price + event.data.second_part_of_the_price_of_it) * event.data.x",
            "let x = (event.data.first_part_of_the_price + event.data.second_part_of_the_price_of_it)\n    * event.data.x"
        ),
        .statement(
            "a fallback on the next line",
            "return inventory.one \"SELECT id, description, price FROM widgets WHERE id = ${id}\" ?? fail not_found(\"widget ${id}\")",
            "return inventory.one \"SELECT id, description, price FROM widgets WHERE id = ${id}\"\n    ?? fail not_found(\"widget ${id}\")"
        ),
        .statement(
            "a catch on the next line",
            "let x = billing.get(\"/stock/of/things/that/are/long/${id}\").body catch fail not_found(\"there is no such thing\")",
            "let x = billing.get(\"/stock/of/things/that/are/long/${id}\").body\n    catch fail not_found(\"there is no such thing\")"
        ),
        .statement("dots and indexes", "a . b ?. c [ 0 ] [ \"k\" ] . in ( )", "a.b?.c[0][\"k\"].in()"),
        .statement(
            "a long chain of calls",
            "let dearest=order.lines.sort_by(.price.net,descending:true).filter_them_all(.quantity).first_of_them_all()",
            "let dearest = order.lines.sort_by(.price.net, descending: true)\n    .filter_them_all(.quantity)\n    .first_of_them_all()"
        ),
        .statement(
            "exists and quantifiers", "exists( event.data.x )or any( l in lines where l.qty>1 )",
            "exists(event.data.x) or any(l in lines where l.qty > 1)"),
        .statement(
            "a long quantifier",
            "let a = all(line in order.lines_with_a_name_that_is_long where line.qty_with_a_name_that_is_long > 1_000)",
            "let a = all(\n  line in order.lines_with_a_name_that_is_long\n  where line.qty_with_a_name_that_is_long > 1_000\n)"
        ),
    ]

    static let compounds: [FormatterGolden] = [
        .statement(
            "lists and objects",
            "let a=[ ]\nlet b=[1,2,...c,]\nlet c={ }\nlet d={id:1,\"odd key\":2,[computed]:3,same,...other,in:4,}",
            "let a = []\nlet b = [1, 2, ...c]\nlet c = {}\nlet d = { id: 1, \"odd key\": 2, [computed]: 3, same, ...other, in: 4 }"
        ),
        .statement("an object that stands open", "let a={\nb:1,c:2}", "let a = {\n  b: 1,\n  c: 2,\n}"),
        .statement(
            "lines inside of round and square brackets are not the writer's", "f(\na,\n[\n1,\n2\n]\n)", "f(a, [1, 2])"),
        .statement(
            "a long list, one item a line",
            "let names = [\"a name that is not short\", \"another name that is not short\", \"the last of the names\"]",
            "let names = [\n  \"a name that is not short\",\n  \"another name that is not short\",\n  \"the last of the names\",\n]"
        ),
        .statement(
            "a long call",
            "catalog.publish_it(event.data.first_thing, second: event.data.second_thing, third: event.data.third)",
            "catalog.publish_it(\n  event.data.first_thing,\n  second: event.data.second_thing,\n  third: event.data.third,\n)"
        ),
        .statement(
            "the last argument stands open, the call does not",
            "shelf.save(\"order:${order.id}\", { ...order, size: size_of(order), price: price_of(order), note: \"new\" })",
            "shelf.save(\"order:${order.id}\", {\n  ...order,\n  size: size_of(order),\n  price: price_of(order),\n  note: \"new\",\n})"
        ),
        .statement(
            "comprehensions", "let a=[l.qty for l in lines where l.qty>0].sum()\nlet b={[k]:v+1 for k,v in event.data}",
            "let a = [l.qty for l in lines where l.qty > 0].sum()\nlet b = { [k]: v + 1 for k, v in event.data }"),
        .statement(
            "a long comprehension",
            "let total = [line.price * line.quantity for line in event.data.lines_of_it where line.quantity > 0].sum()",
            "let total = [\n  line.price * line.quantity\n  for line in event.data.lines_of_it\n  where line.quantity > 0\n].sum()"
        ),
        .statement(
            "together", "let a=together[shelf.get(p)for p in parts]\nlet b=together{\nstock:f(),price:g()}",
            "let a = together [shelf.get(p) for p in parts]\nlet b = together {\n  stock: f(),\n  price: g(),\n}"),
    ]

    static let comments: [FormatterGolden] = [
        FormatterGolden(
            "comments of declarations", "# about a   \n# and more\nlet a=1 # why\n\n# alone\n\nlet b=2\n# the end",
            "# about a\n# and more\nlet a = 1  # why\n\n# alone\n\nlet b = 2\n# the end"),
        .statement(
            "trailing comments stand in a column",
            "let order=event.data # cannot change\nvar tries=0# can\ntries+=1\na() # alone",
            "let order = event.data  # cannot change\nvar tries = 0           # can\ntries += 1\na()  # alone"),
        .statement(
            "own lines at the end of a block", "a()\n\n  # nothing more\n# at all", "a()\n\n# nothing more\n# at all"),
        FormatterGolden(
            "in an empty block", "handler h(event) { # first\n# second\n}", "handler h(event) {  # first\n  # second\n}"
        ),
        .statement(
            "in lists", "f(# why\na,# first\nb # second\n# last\n)\nlet x=[\n# one\n1,\n\n# two\n2]",
            "f(  # why\n  a,  # first\n  b,  # second\n  # last\n)\nlet x = [\n  # one\n  1,\n\n  # two\n  2,\n]"),
        .statement(
            "in an expression", "let z=a # one\nand b # two\n# own\nor c",
            "let z = a  # one\n    and b  # two\n    # own\n    or c"),
        .statement(
            "before else", "if a{\nb()\n}\n# about else\nelse{\nc()}",
            "if a {\n  b()\n} else {\n  # about else\n  c()\n}"),
        FormatterGolden(
            "among rules, without breaking the columns",
            "subscribe \"p/t\"{\n# first\non \"a\"=>x.y # one\n# second\non \"bcd\"=>x.y # two\n# last\n}",
            "subscribe \"p/t\" {\n  # first\n  on \"a\"   => x.y  # one\n  # second\n  on \"bcd\" => x.y  # two\n  # last\n}"
        ),
        FormatterGolden("where no line may end", "let # a\nx # b\n= # c\n1 # d", "# a\n# b\n# c\nlet x = 1  # d"),
        FormatterGolden(
            "behind a semicolon", "let a = 1; # one\n; # two\nlet b = 2", "# one\nlet a = 1  # two\nlet b = 2"),
    ]
}
