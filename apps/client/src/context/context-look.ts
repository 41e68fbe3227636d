/** Amber above 80 %, not at 80 %. */
const AMBER = 0.8

/** How the context bar looks at a share of the limit (C-5). */
export const contextLook = (share: number): 'full' | 'warn' | undefined =>
  share >= 1 ? 'full' : share > AMBER ? 'warn' : undefined
