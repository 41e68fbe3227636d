/** Columns that a tab leads to the next multiple of. */
export const TAB_COLUMNS = 4
/** Longer lines are cut on the page; nobody reads a line of ten thousand letters. */
export const SHOWN_CHARS = 4_000

/**
 * How many columns of a fixed-width font a text takes, and whether that is sure: letters outside ASCII may be wide, and a tab
 * in a line that wraps is as wide as where it lands.
 */
export function columnsOf(text: string, columns: number): { cells: number; sure: boolean } {
  let cells = 0
  let tabs = false
  let wide = false
  const end = Math.min(text.length, SHOWN_CHARS)
  for (let i = 0; i < end; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 9) {
      cells += TAB_COLUMNS - (cells % TAB_COLUMNS)
      tabs = true
    } else if (code < 127) cells += 1
    else {
      wide = true
      cells += code >= 0x1100 ? 2 : 1
    }
  }
  return { cells, sure: !wide && !(tabs && cells > columns) }
}

/** Lines of the screen that a text takes in so many columns. */
export const wrappedLines = (text: string, columns: number): number =>
  // Most lines are shorter than the page is wide, and need no counting.
  text.length * TAB_COLUMNS <= columns
    ? 1
    : Math.max(1, Math.ceil(columnsOf(text, columns).cells / Math.max(1, columns)))
