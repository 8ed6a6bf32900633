"""Write down every answer of the catalog, and compare two such dumps.

    python -m benchmarks.dump write before --corpora
    python -m benchmarks.dump write after --corpora      # with the changed code
    python -m benchmarks.dump compare before after

A dump is a folder: for each catalog and area a file of JSON lines, one for each question, sorted.
Catalogs are the checkout's own and, with `--corpora`, some that are built of the pages in the
folder that IAM_CATALOG_CORPORA names. Areas are those of `benchmarks.dump.areas`. Errors are
answers too. Of a large catalog some subjects are drawn by hash, the same ones each time.

Only public doors are asked: the query module, the command line, addresses of the site, exports and
the build. So the same dump can be made of the code before and after it is rebuilt.
"""
