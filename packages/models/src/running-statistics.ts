/** @file What batch normalizations remember of what they have seen. */

/** The buffers of an architecture that has some. */
export const runningStatistics = ['running_mean', 'running_var', 'num_batches_tracked']
