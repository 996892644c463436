"""Pure decisions on what to start next."""
