const counted = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`

/** `IDE: uploaded changes (3 files, 1 deletion).` (I-22) */
export function ideWords(what: string, { files, deletions }: { files: number; deletions: number }): string {
  const parts = [counted(files, 'file'), ...(deletions > 0 ? [counted(deletions, 'deletion')] : [])]
  return `IDE: ${what} (${parts.join(', ')}).`
}
