"""Images and environments, held against the CIS Docker Benchmark."""
