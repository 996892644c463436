"""One file per built-in algorithm; knows only the toolkit."""
