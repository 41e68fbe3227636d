import type { ToolFamily } from '@coppice/events'
import type { SpineItem } from '@coppice/replica'

/**
 * What the fold reads of a row. `start` is the row that tells of the worktree; `live` ones are still being written and
 * have no event yet.
 */
export type Row = Pick<
  SpineItem,
  'itemId' | 'seq' | 'turnId' | 'parentId' | 'status' | 'family' | 'textLength' | 'lineCount' | 'revision'
> & {
  /** `replaced` stands for a part of the conversation that a rewind replaced. */
  readonly kind: SpineItem['kind'] | 'start' | 'replaced'
  readonly queue?: number
  readonly live?: boolean
  readonly optimistic?: boolean
}

/**
 * What the virtual list counts. A short message is one unit; a long one is cut into `parts` at block borders;
 * like tool rows fold into a `group`; an opened group or sub-agent is flattened into units with a `depth`.
 */
export interface Unit {
  /** Stable for the life of the row, from the first delta to the confirmed event: it is the key of the mounted row. */
  readonly id: string
  readonly itemId: string
  readonly kind: Row['kind'] | 'group'
  readonly depth: number
  /** Which chunk of the message this is, of how many. */
  readonly part: number
  readonly parts: number
  /** Items that a group stands for, in order. Empty for all else. */
  readonly members: readonly string[]
}

/** What the fold must know beyond the items themselves. */
export interface FoldContext {
  /** Whether a person, or the default of its kind, has it open. */
  isOpen(id: string, fallback: boolean): boolean
  /** Into how many chunks a message is cut. */
  partsOf(item: Row): number
}

/**
 * Which rows are alike. Reading and searching are one thing to a reader; changes and commands are what one looks
 * for, so they fold only in long runs.
 */
const likeness: Record<ToolFamily, { like: string; from: number } | undefined> &
  Record<string, { like: string; from: number } | undefined> = {
  read: { like: 'look', from: 2 },
  search: { like: 'look', from: 2 },
  fetch: { like: 'fetch', from: 2 },
  edit: { like: 'change', from: 5 },
  write: { like: 'change', from: 5 },
  delete: { like: 'change', from: 5 },
  run: { like: 'run', from: 5 },
  other: { like: 'other', from: 3 },
  agent: undefined,
}

/** An id of a group is its first member's, so that appending never renames it. */
export const groupId = (firstMember: string): string => `group:${firstMember}`

/** Items of one turn (or of a stretch outside turns) to units, in reading order. Pure. */
export function foldItems(items: readonly Row[], context: FoldContext): Unit[] {
  const known = new Set(items.map((item) => item.itemId))
  const children = new Map<string, Row[]>()
  const roots: Row[] = []
  for (const item of items) {
    const nested = item.parentId !== '' && item.parentId !== item.itemId && known.has(item.parentId)
    if (!nested) roots.push(item)
    else {
      const siblings = children.get(item.parentId)
      if (siblings) siblings.push(item)
      else children.set(item.parentId, [item])
    }
  }
  const units: Unit[] = []
  foldLevel(roots, 0, children, context, units)
  return units
}

function foldLevel(
  items: readonly Row[],
  depth: number,
  children: ReadonlyMap<string, readonly Row[]>,
  context: FoldContext,
  into: Unit[],
): void {
  let at = 0
  while (at < items.length) {
    const item = items[at]
    if (item === undefined) return
    const run = runFrom(items, at)
    if (run.length > 0) {
      const id = groupId(item.itemId)
      into.push({
        id,
        itemId: item.itemId,
        kind: 'group',
        depth,
        part: 0,
        parts: 1,
        members: run.map((row) => row.itemId),
      })
      if (context.isOpen(id, false)) {
        for (const member of run) push(member, depth + 1, children, context, into)
      }
      at += run.length
      continue
    }
    push(item, depth, children, context, into)
    at++
  }
}

function push(
  item: Row,
  depth: number,
  children: ReadonlyMap<string, readonly Row[]>,
  context: FoldContext,
  into: Unit[],
): void {
  if (isHidden(item)) return
  const parts = item.kind === 'agent' || item.kind === 'user' || item.kind === 'summary' ? context.partsOf(item) : 1
  for (let part = 0; part < parts; part++) {
    const id = part === 0 ? item.itemId : `${item.itemId}#${part}`
    into.push({ id, itemId: item.itemId, kind: item.kind, depth, part, parts, members: [] })
  }
  const nested = children.get(item.itemId)
  if (nested && context.isOpen(item.itemId, true)) foldLevel(nested, depth + 1, children, context, into)
}

/** The longest run of like, ended tool rows that starts here; empty where it is too short to fold. */
function runFrom(items: readonly Row[], start: number): readonly Row[] {
  const first = items[start]
  const like = first === undefined ? undefined : foldable(first)
  if (like === undefined) return []
  let end = start + 1
  while (end < items.length) {
    const next = items[end]
    if (next === undefined || foldable(next)?.like !== like.like) break
    end++
  }
  return end - start >= like.from ? items.slice(start, end) : []
}

/** A running, waiting or failed tool stays out of a group: it is what one looks for. */
function foldable(item: Row): { like: string; from: number } | undefined {
  if (item.kind !== 'tool' || item.status !== 'done') return undefined
  return likeness[item.family || 'other']
}

/** What needs no row: the answer of an allowed approval shows on its tool row, a turn that simply ended shows by its end. */
const isHidden = (item: Row): boolean =>
  (item.kind === 'approval' || item.kind === 'turn_end') && item.status === 'done'
