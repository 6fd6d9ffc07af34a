" What an editor does with Bay besides colouring it.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s
setlocal expandtab shiftwidth=2 softtabstop=2 textwidth=0 colorcolumn=101
setlocal smartindent cinkeys-=0#
setlocal foldmethod=indent foldlevel=99
setlocal formatprg=

let b:undo_ftplugin = "setlocal comments< commentstring< expandtab< shiftwidth< softtabstop< textwidth<"
      \ . " colorcolumn< smartindent< cinkeys< foldmethod< foldlevel< formatprg<"
