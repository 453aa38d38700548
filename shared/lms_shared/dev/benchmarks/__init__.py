"""The page of benchmarks: what each benchmark measured, as a table and as plots."""
