"""What a stand is deployed with: demo data, and the servers beside the services."""
