/** Name of the Web Lock that the leading tab holds, and of the channel between tabs: one for each person in a browser. */
export const leaderLock = (userId: string): string => `coppice-replica-${userId}`
