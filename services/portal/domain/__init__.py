"""What the portal knows and decides, without any I/O: recipients, applications, their documents and notices."""
