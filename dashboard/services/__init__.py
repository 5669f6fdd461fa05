"""One use case or one background job per file. Raises `errors`, returns values; knows no Flask."""
