"""The command line: up, down, status, env, logs, run, explain, doctor, quickstart."""
