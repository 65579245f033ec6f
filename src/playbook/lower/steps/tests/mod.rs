//! Steps as they are read.
