"""The only place where parts are joined: settings to processes."""
