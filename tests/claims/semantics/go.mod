module semantics

go 1.22
