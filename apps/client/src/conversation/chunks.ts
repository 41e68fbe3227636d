import type { Block } from './blocks.ts'

/** A chunk ends at this many blocks, or at this many characters, whichever comes first. */
export const CHUNK_BLOCKS = 8
export const CHUNK_CHARS = 4096

/**
 * Cuts a message at block borders, left to right, so that the cuts of a growing message never move: answers the first
 * block of every chunk.
 */
export function chunkStarts(blocks: readonly Block[]): number[] {
  const starts = [0]
  let count = 0
  let chars = 0
  blocks.forEach((block, index) => {
    if (count > 0 && (count >= CHUNK_BLOCKS || chars >= CHUNK_CHARS)) {
      starts.push(index)
      count = 0
      chars = 0
    }
    count++
    chars += block.raw.length
  })
  return starts
}
