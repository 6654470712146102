# Every driver loads, and DBI does what people do with it, on a database in memory.
library(DBI)
for (driver in c("RMySQL", "RODBC", "RPostgreSQL", "RSQLite")) library(driver, character.only = TRUE)

warehouse <- dbConnect(RSQLite::SQLite(), ":memory:")
dbWriteTable(warehouse, "trades", data.frame(desk = c("rates", "fx", "fx"), amount = c(1.5, 2, 3)))
found <- dbGetQuery(warehouse, "select desk, sum(amount) as total from trades group by desk order by desk")
stopifnot(identical(found$desk, c("fx", "rates")), all.equal(found$total, c(5, 1.5)))
dbDisconnect(warehouse)

# These three need a server for more; what they say without one is theirs, and no missing library.
refused <- tryCatch(dbConnect(RPostgreSQL::PostgreSQL(), host = "127.0.0.1", port = 1), error = conditionMessage)
stopifnot(is.character(refused), grepl("could not connect|refused", refused))
stopifnot(is.character(tryCatch(dbConnect(RMySQL::MySQL(), host = "127.0.0.1", port = 1), error = conditionMessage)))
stopifnot(is.character(RODBC::odbcDataSources()))
