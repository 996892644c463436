"""Errors, ARNs, ids, the clock and the words all parts share; imports nothing of ours."""
