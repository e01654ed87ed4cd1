"""What is on the wire: the application, sign-in, the service, the control endpoints, the log."""
