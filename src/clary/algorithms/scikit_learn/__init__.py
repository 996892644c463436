"""The classic small learners that tutorials teach, one file each, by scikit-learn."""
