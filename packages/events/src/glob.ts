/** Whether a text fits a pattern whole: `*` stays within a part between `/`, `**` does not. */
export const globFits = (pattern: string, text: string): boolean => globOf(pattern.trim(), '[^/]*', '.*').test(text)

/** @param one what a single `*` stands for, as a regular expression; @param many what several in a row do */
export function globOf(pattern: string, one: string, many = one): RegExp {
  const parts = pattern.split(/(\*+)/).map((part) => {
    if (part.startsWith('*')) return part.length > 1 ? many : one
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, 's')
}
