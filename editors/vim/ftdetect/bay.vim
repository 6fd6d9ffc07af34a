autocmd BufRead,BufNewFile *.bay setfiletype bay
