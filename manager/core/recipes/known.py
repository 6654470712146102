"""Names that one package manager has for what another calls otherwise. Whatever is taken by one of them is assumed."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What to do with code that is no wheel of an index.
PUBLISH = "build a wheel of it, put it on your index ([mirror] python), and name it in packages"

# Of PyPI: what the kernel's runtime and the resolver bring, or do.
IN_EVERY_KERNEL = frozenset(("pip", "setuptools", "wheel", "ipykernel", "uv", "conda", "mamba", "pip-tools"))
IDE = frozenset(("jupyterlab", "jupyter", "notebook", "jupyter-server", "jupyterhub", "nbclassic", "jupyter-core"))
IDE_PREFIXES = ("jupyterlab-", "jupyter-", "nb-conda", "nbgitpuller", "jupytext-lab")

# conda -> PyPI, where the names differ. psycopg2 is named for its wheels: psycopg2 itself has none.
CONDA_TO_PYPI = {
    "cx_oracle": "cx-Oracle",
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "geopandas-base": "geopandas",
    "importlib_metadata": "importlib-metadata",
    "ipython_genutils": "ipython-genutils",
    "jpype1": "JPype1",
    "lightgbm-cpu": "lightgbm",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "numpy-base": "numpy",
    "opencv": "opencv-python-headless",
    "plotly_express": "plotly-express",
    "prophet-base": "prophet",
    "psycopg2": "psycopg2-binary",
    "py-lightgbm": "lightgbm",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost-cpu",
    "pyarrow-core": "pyarrow",
    "pyqt": "PyQt5",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "tensorflow-base": "tensorflow",
    "typing_extensions": "typing-extensions",
}
# conda -> Debian: what is no Python at all.
CONDA_TO_DEBIAN = {
    "curl": "curl",
    "ffmpeg": "ffmpeg",
    "freetds": "freetds-bin",
    "git": "git",
    "git-lfs": "git-lfs",
    "graphviz": "graphviz",
    "imagemagick": "imagemagick",
    "jq": "jq",
    "make": "make",
    "nodejs": "nodejs",
    "openjdk": "default-jre-headless",
    "openssh": "openssh-client",
    "pandoc": "pandoc",
    "poppler": "poppler-utils",
    "sqlite": "sqlite3",
    "tesseract": "tesseract-ocr",
    "unixodbc": "unixodbc",
    "unzip": "unzip",
    "vim": "vim-tiny",
    "wget": "wget",
    "zip": "zip",
}
# conda's own: compilers, libraries that wheels carry, and choices among builds.
CONDA_ONLY = _names(
    "arrow-cpp blas bzip2 c-compiler ca-certificates certifi-win compilers cudatoolkit cudnn cxx-compiler expat"
    " fortran-compiler freetype gcc gfortran gxx hdf5 icu intel-openmp krb5 ld_impl_linux-64 llvm-openmp mkl"
    " mkl-service mkl_fft mkl_random ncurses nomkl openblas openmp openssl pcre pytorch-cuda pytorch-mutex"
    " python_abi readline tbb tk tzdata xz zlib zstd"
)

# Images whose notebooks expect more than their Dockerfile's children name (jupyter/docker-stacks).
STACKS_WITH_SCIPY = ("scipy-notebook", "datascience-notebook", "tensorflow-notebook", "pytorch-notebook",
                     "pyspark-notebook", "all-spark-notebook")  # fmt: skip
STACKS = ("base-notebook", "minimal-notebook", "docker-stacks-foundation", "r-notebook", "julia-notebook",
          *STACKS_WITH_SCIPY)  # fmt: skip

# Packages of CRAN that Debian has as r-cran-NAME in small letters (bookworm, looked up on 2026-11-22).
R_OF_DEBIAN = _names(
    "askpass assertthat backports base64enc bench bigmemory bit bit64 bitops blob bookdown bh brms broom bslib cachem"
    " callr car caret cellranger checkmate class cli clipr cluster codetools colorspace commonmark cowplot crayon"
    " credentials curl data.table dbi dbplyr desc devtools digest doparallel dplyr dt dtplyr e1071 ellipsis emmeans"
    " evaluate fansi farver fastmap forcats foreach forecast foreign fs furrr future gamm4 gargle generics gert"
    " ggplot2 ggrepel ggridges ggthemes gh glmnet glue googledrive googlesheets4 gridextra gtable haven here highr"
    " hms htmltools htmlwidgets httpuv httr httr2 igraph ids irdisplay irkernel isoband iterators jquerylib jsonlite"
    " keyring knitr labeling later lattice lazyeval lifecycle lme4 lmtest lubridate magrittr maps mass matrix memoise"
    " mgcv mime minqa mlr modelr munsell mvtnorm nlme nloptr nnet openssl openxlsx patchwork pbdzmq pillar pkgbuild"
    " pkgconfig pkgload plotly plumber plyr prettyunits proc processx progress promises ps purrr quantmod quantreg r6"
    " ragg randomforest ranger rappdirs rcmdcheck rcolorbrewer rcpp rcpparmadillo rcppeigen readr readxl rematch2"
    " remotes repr reprex reshape2 reticulate rio rlang rmarkdown rmysql roxygen2 rpart rpostgresql rprojroot rsample"
    " rsqlite rstan rstudioapi rvest sandwich sass scales selectr sessioninfo sf shiny sp spatial stringi stringr"
    " survival sys systemfonts terra testthat textshaping tibble tidyr tidyselect tidyverse timechange timedate"
    " tinytex tseries tzdb usethis utf8 uuid vctrs vroom waldo whisker withr xfun xml xml2 xtable xts yaml zip"
    " zoo"
)
# What R itself brings (r-base-core).
R_BASE = _names(
"base compiler datasets grdevices graphics grid methods parallel splines stats stats4 tcltk tools"
                   " utils"
)  # fmt: skip
