import type { ItemDetail, ItemRow, ToolFamily } from '@coppice/events'
import { count, plural } from '../format/numbers.ts'
import type { IconName } from '../parts/icon-paths.ts'

export const toolIcon: Record<ToolFamily, IconName> = {
  read: 'file',
  search: 'search',
  write: 'file-plus',
  edit: 'pencil',
  delete: 'trash',
  run: 'terminal',
  fetch: 'link',
  agent: 'fork',
  other: 'sliders',
}

const verbs: Record<ToolFamily, string> = {
  read: 'Read',
  search: 'Search',
  write: 'Write',
  edit: 'Edit',
  delete: 'Delete',
  run: 'Run',
  fetch: 'Fetch',
  agent: 'Sub-agent',
  other: 'Tool',
}

/** One word for what it does: ours for a known family, the tool's own title for others. */
export const toolVerb = (detail: ItemDetail): string =>
  detail.family === undefined || detail.family === 'other' ? detail.title || verbs.other : verbs[detail.family]

/** Tool rows that fold into one: "Read 14 files". */
export function groupWords(bodies: readonly ItemRow[], total: number): string {
  const families = new Set(bodies.map((body) => body.detail.family ?? 'other'))
  if (families.size === 1) {
    const [family] = families
    switch (family) {
      case 'read':
        return `Read ${plural(distinct(bodies, total), 'file')}`
      case 'search':
        return `Searched ${plural(total, 'time')}`
      case 'fetch':
        return `Fetched ${plural(total, 'page')}`
      case 'run':
        return `Ran ${plural(total, 'command')}`
      case 'edit':
        return `Edited ${plural(distinct(bodies, total), 'file')}`
      case 'write':
        return `Wrote ${plural(distinct(bodies, total), 'file')}`
      default:
        break
    }
  }
  if ([...families].every((family) => family === 'read' || family === 'search')) {
    const reads = bodies.filter((body) => body.detail.family === 'read')
    return `Read ${plural(distinct(reads, reads.length), 'file')}, searched ${count(total - reads.length)}×`
  }
  if ([...families].every((family) => family === 'edit' || family === 'write' || family === 'delete')) {
    return `Changed ${plural(distinct(bodies, total), 'file')}`
  }
  return plural(total, 'tool call')
}

const distinct = (bodies: readonly ItemRow[], total: number): number =>
  bodies.length === 0 ? total : new Set(bodies.map((body) => body.detail.target ?? body.itemId)).size

/** The folders a group touched, the first three. */
export function groupPlaces(bodies: readonly ItemRow[]): string {
  const places = new Set<string>()
  for (const body of bodies) {
    const path = body.detail.target ?? ''
    if (path === '' || path.includes(' ')) continue
    const cut = path.lastIndexOf('/')
    places.add(cut > 0 ? path.slice(0, cut) : path)
  }
  return [...places].slice(0, 3).join(', ')
}

/** Escape sequences that a terminal would act on; here they would be noise. */
export const ESC = String.fromCharCode(27)
const BELL = String.fromCharCode(7)
const ESCAPES = new RegExp(`${ESC}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)|[@-_])`, 'g')

/** Tool output as plain text: without escape sequences, a carriage return keeping only what was written last. */
export const plainOutput = (text: string): string =>
  text
    .replace(ESCAPES, '')
    .replace(/[^\n]*\r(?!\n)/g, '')
    .replace(/\r/g, '')
