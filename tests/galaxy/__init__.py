"""What Ansible Galaxy and its tools ask of a collection."""
