"""What the sources share around the CDK: their command line, the failures that they report, deadlines."""
