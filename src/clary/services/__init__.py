"""What each AWS service means; one file per resource noun."""
