//! Commit to a film, seal and open it, choose what to replay, judge an answer. Pure.
