/** The version that a runner tells of itself. */
export const RUNNER_VERSION = '0.1.0'
