"""What all resources share: Kind, verbs, Lifecycle, Reconciler."""
