"""What the portal's HTTP takes and gives."""
