import type { Redaction } from '../agents/redaction.ts'
import { changedFiles } from '../checkpoints/changed-files.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { git } from '../git/git.ts'
import { cutEnd, eventBytes } from './tool-text.ts'

/** One file that a step changed, with its diff. */
export type StepChange = {
  readonly path: string
  readonly additions: number
  readonly deletions: number
  readonly patch: string
  readonly cut: boolean
}

const mostFiles = 20
const longestPatch = 6_000
/** Of all patches of one step: an event holds them beside the output. */
const mostPatchBytes = 24_000

/**
 * What each step changed, from git: agents do not always say. The tree is read after every step that may change files; the
 * next step that asks for permission waits for it, so that changes go to the step that made them.
 */
export class TreeChanges {
  readonly #dir: string
  readonly #redaction: Redaction
  #tree: Promise<string>

  /** @param tree the tree before the first step: the checkpoint that every turn begins with. */
  constructor(dir: string, tree: Promise<string>, redaction: Redaction) {
    this.#dir = dir
    this.#redaction = redaction
    this.#tree = tree
    // Who begins with a tree that cannot be read fails by itself; nobody may be asking here yet.
    tree.catch(toldToWhoAwaits)
  }

  /** Settles when the tree after the last step is known. */
  async known(): Promise<void> {
    await this.#tree
  }

  /** What changed since the last time. Where the tree cannot be read now, the next step's changes hold this one's too. */
  async since(): Promise<StepChange[]> {
    const before = this.#tree
    const after = before.then(() => wholeTree(this.#dir))
    this.#tree = after.catch(() => before)
    this.#tree.catch(toldToWhoAwaits)
    const [from, to] = [await before, await after]
    return from === to ? [] : this.#patches(from, to)
  }

  async #patches(from: string, to: string): Promise<StepChange[]> {
    const files = (await changedFiles(this.#dir, from, to)).slice(0, mostFiles)
    const changes: StepChange[] = []
    let room = mostPatchBytes
    for (const { path, additions, deletions, binary, from: old } of files) {
      const specs = [path, ...(old ? [old] : [])].map((name) => `:(literal,top)${name}`)
      const shown =
        binary || room <= 0
          ? ''
          : await git(this.#dir, [
              'diff-tree',
              '-p',
              '-M',
              '--no-ext-diff',
              '--no-textconv',
              '--unified=3',
              from,
              to,
              '--',
              ...specs,
            ])
      const whole = this.#redaction.text(shown)
      const patch = cutEnd(whole, Math.min(longestPatch, Math.max(room, 1)))
      room -= eventBytes(patch)
      changes.push({ path, additions, deletions, patch, cut: patch.length < whole.length || (whole === '' && !binary) })
    }
    return changes
  }
}

/** Marks a promise as looked after; whoever awaits it still gets the error. */
function toldToWhoAwaits(): void {
  // Nothing to do here.
}
