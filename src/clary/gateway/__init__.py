"""Model serving: choose a replica, proxy the request, answer."""
