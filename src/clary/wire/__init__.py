"""AWS protocols in and out, from the botocore model, and signatures; knows no service."""
