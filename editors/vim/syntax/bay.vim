" Bay, the language of Patchbay. The words are those of editors/vscode/syntaxes; Tests/EditorsTests compares them.
if exists("b:current_syntax")
  finish
endif

syntax case match
syntax sync minlines=50

" Reserved words. Matches, not keywords: those would win over a key's or a member's name.
syntax match bayControl "\<\%(if\|else\|match\|otherwise\|where\|as\|for\|catch\)\>"
syntax match bayExit "\<\%(return\|retry\|drop\|fail\|keep\|break\|continue\)\>"
syntax match bayEffect "\<\%(update\|lock\|transaction\|together\)\>"
syntax match bayOperatorWord "\<\%(and\|or\|not\|in\|any\|all\|exists\)\>"
syntax match bayDeclare "\<\%(let\|var\|fn\)\>"
syntax match bayBoolean "\<\%(true\|false\)\>"
syntax match bayNull "\<\%(null\)\>"

" Words that open a declaration, and only there.
syntax match bayDeclare "^\s*\zs\%(record\|handler\)\ze\s\+\h\w*"
syntax match bayDeclare "^\s*\zsevent\ze\s*\""
syntax match bayResource "^\s*\zs\%(database\|store\|topic\|app\|service\|binding\|settings\|lock\)\ze\s\+\h\w*\s*=[^=]"
syntax match bayRoute "^\s*\zs\%(subscribe\|serve\|get\|post\|put\|patch\|delete\|input\|job\)\ze\s*\""
syntax match bayRoute "^\s*\zson\ze\s*\%(\"\|=>\|where\>\|as\>\|{\)"
syntax match bayDeclared "\%(\<\%(record\|handler\|fn\)\s\+\)\@<=\h\w*"

" A word behind a dot and before a colon is a name.
syntax match bayMember "\%(?\.\|\.\@<!\.\.\@!\)\s*\zs\h\w*"
syntax match bayKey "\<\h\w*\ze\s*:"

syntax keyword bayType bool bytes duration float int list object response secret string time failure contained
syntax match bayAnnotation ":\s*\zs[a-z]\w*\ze\%(?\|(\|\s*[,)=\n]\|$\)" contains=bayType transparent
syntax match bayTypeName "\<[A-Z]\w*\>"

syntax match bayNumber "\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][-+]\?\d\+\)\?\>"
syntax match bayNumber "\<0x[0-9A-Fa-f_]\+\>"
syntax match bayNumber "\<\%(\d[0-9_]*\%(\.\d[0-9_]*\)\?\%(ns\|us\|ms\|[smhd]\)\)\+\>"
syntax match bayNumber "\<\d[0-9_]*\%(kb\|mb\|gb\)\>"

syntax match bayEscape "\\\%([nrt\\\"$]\|u{\x\{1,6}}\)" contained
syntax region bayInterpolation matchgroup=bayDelimiter start="\${" end="}" contained contains=TOP
syntax region bayString start=+"+ skip=+\\.+ end=+"+ end=+$+ keepend contains=bayEscape,bayInterpolation extend
syntax region bayString start=+"""+ skip=+\\.+ end=+"""+ contains=bayEscape,bayInterpolation
syntax region bayRaw start=+\<r"+ end=+"+ end=+$+

syntax match bayArrow "=>\|->"
syntax region bayBraces start="{" end="}" transparent fold contains=TOP
syntax match bayComment "#.*$" contains=@Spell

highlight default link bayControl Statement
highlight default link bayExit Exception
highlight default link bayEffect Statement
highlight default link bayOperatorWord Operator
highlight default link bayDeclare Structure
highlight default link bayResource Structure
highlight default link bayRoute Keyword
highlight default link bayDeclared Function
highlight default link bayMember Identifier
highlight default link bayKey Identifier
highlight default link bayType Type
highlight default link bayTypeName Type
highlight default link bayBoolean Boolean
highlight default link bayNull Constant
highlight default link bayNumber Number
highlight default link bayEscape SpecialChar
highlight default link bayDelimiter Delimiter
highlight default link bayString String
highlight default link bayRaw String
highlight default link bayArrow Operator
highlight default link bayComment Comment

let b:current_syntax = "bay"
