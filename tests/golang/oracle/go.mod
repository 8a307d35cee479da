module commaok.dev/oracle

go 1.22
