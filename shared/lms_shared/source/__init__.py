"""What the sources share around the CDK: their command line, and the failures that they report."""
