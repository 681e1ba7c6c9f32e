"""What panels of several views share."""
