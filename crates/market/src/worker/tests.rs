//! Claims about the worker.
