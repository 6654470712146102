# A person's own package goes into the workspace, apart for this release and this R, and is found first.
own <- Sys.getenv("R_LIBS_USER")
version <- paste(R.version$major, sub("[.].*", "", R.version$minor), sep = ".")
stopifnot(identical(own, file.path(Sys.getenv("SOLVENT_OVERLAY"), "R", version)))
stopifnot(identical(normalizePath(.libPaths()[1]), normalizePath(own)))

source <- file.path(tempdir(), "solventtest")
dir.create(file.path(source, "R"), recursive = TRUE)
writeLines(c("Package: solventtest", "Version: 1.0", "Title: Test", "Description: Test.", "License: Apache-2.0",
             "Author: Solvent", "Maintainer: Solvent <solvent@example.com>"), file.path(source, "DESCRIPTION"))
writeLines("export(answer)", file.path(source, "NAMESPACE"))
writeLines("answer <- function() 42", file.path(source, "R", "answer.R"))
install.packages(source, repos = NULL, type = "source", quiet = TRUE)
stopifnot(solventtest::answer() == 42, dirname(find.package("solventtest")) == normalizePath(own))
remove.packages("solventtest", own)

# Packages that come with R, plots without a screen, and text beyond ASCII.
library(MASS)
picture <- tempfile(fileext = ".png")
png(picture)
plot(1:3, main = "Verlauf ä")
invisible(dev.off())
stopifnot(file.size(picture) > 1000, l10n_info()$`UTF-8`)
