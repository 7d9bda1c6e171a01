"""What the provider knows of its work: matters, tasks, grounds, officers. Pure, without I/O and clock."""
