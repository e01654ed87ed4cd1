"""The wire: the application, sign-in, the service, the control endpoints, the log."""
