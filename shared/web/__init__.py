"""What every service's HTTP side shares: the application shell, problems, waiting, event streams, stand controls."""
