"""RunSpec, Executor, images, staging: starts, watches and stops runs; has never heard of SageMaker."""
