//! steward.yaml and the environment.
