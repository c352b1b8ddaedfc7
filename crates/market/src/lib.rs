//! The life of a job: the machines of artist and worker. Pure.
