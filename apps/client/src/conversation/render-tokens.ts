import { readActionBlock } from '@coppice/events'
import type { Token, Tokens } from 'marked'
import { iconPaths, type IconName } from '../parts/icon-paths.ts'
import type { Block } from './blocks.ts'
import { safeHref } from './links.ts'

/**
 * Markdown tokens to DOM nodes. No string of HTML is ever made, so nothing in a message can become markup: raw HTML is
 * text, images are named and not loaded, and a link leads only to an allowed scheme.
 */
export function renderBlock(block: Block): HTMLElement {
  return blockElement(block.token) ?? element('p', [text(block.raw)])
}

function blockElement(token: Token): HTMLElement | undefined {
  switch (token.type) {
    case 'paragraph':
      return element('p', inline(token.tokens, token.raw))
    case 'text':
      return element('p', inline(token.tokens, token.raw))
    case 'heading':
      return element(headingTag((token as Tokens.Heading).depth), inline(token.tokens, token.raw))
    case 'code':
      return actionBlock(token as Tokens.Code) ?? codeBlock(token as Tokens.Code)
    case 'blockquote':
      return element('blockquote', blocksOf(token.tokens))
    case 'list':
      return list(token as Tokens.List)
    case 'table':
      return table(token as Tokens.Table)
    case 'hr':
      return element('hr', [])
    case 'html':
      return element('p', [text(token.raw.trimEnd())])
    case 'space':
    case 'def':
      return undefined
    default:
      return element('p', [text(token.raw)])
  }
}

const headingTag = (depth: number): 'h3' | 'h4' | 'h5' | 'h6' =>
  depth <= 1 ? 'h3' : depth === 2 ? 'h4' : depth === 3 ? 'h5' : 'h6'

function blocksOf(tokens: readonly Token[] | undefined): Node[] {
  return (tokens ?? []).flatMap((token) => blockElement(token) ?? [])
}

function inline(tokens: readonly Token[] | undefined, raw: string): Node[] {
  if (tokens === undefined) return [text(raw)]
  return tokens.flatMap(inlineNode)
}

function inlineNode(token: Token): Node[] {
  switch (token.type) {
    case 'strong':
      return [element('strong', inline(token.tokens, token.raw))]
    case 'em':
      return [element('em', inline(token.tokens, token.raw))]
    case 'del':
      return [element('del', inline(token.tokens, token.raw))]
    case 'codespan':
      return [element('code', [text((token as Tokens.Codespan).text)])]
    case 'br':
      return [element('br', [])]
    case 'link':
      return link(token as Tokens.Link)
    case 'image':
      return [
        element('em', [text(`[image: ${(token as Tokens.Image).text || 'no name'}]`)]),
        ...link(token as Tokens.Link),
      ]
    case 'text':
      return token.tokens === undefined ? [text(decoded(token as Tokens.Text))] : inline(token.tokens, token.raw)
    case 'escape':
      return [text((token as Tokens.Escape).text)]
    case 'html':
      return [text(token.raw)]
    default:
      return [text(token.raw)]
  }
}

/** Marked leaves entities as they were written; a reader wants the sign. */
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': '\u00a0',
}
const decoded = (token: Tokens.Text): string =>
  token.text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity)

function link(token: Pick<Tokens.Link, 'href' | 'text' | 'raw' | 'tokens'>): Node[] {
  const href = safeHref(token.href)
  const content =
    token.tokens && token.tokens.length > 0 ? inline(token.tokens, token.text) : [text(token.text || token.href)]
  if (href === undefined) return content
  const anchor = element('a', content)
  anchor.setAttribute('href', href)
  anchor.setAttribute('target', '_blank')
  anchor.setAttribute('rel', 'noopener noreferrer')
  if (token.text !== token.href) anchor.title = href
  return [anchor]
}

function list(token: Tokens.List): HTMLElement {
  const items = token.items.map((item) => {
    const content = item.loose
      ? blocksOf(item.tokens)
      : item.tokens.flatMap((inner) =>
          inner.type === 'text' ? inline(inner.tokens, inner.raw) : (blockElement(inner) ?? []),
        )
    const row = element('li', content)
    if (item.task) row.prepend(taskMark(item.checked === true))
    return row
  })
  const all = element(token.ordered ? 'ol' : 'ul', items)
  if (token.ordered && typeof token.start === 'number' && token.start !== 1)
    all.setAttribute('start', String(token.start))
  return all
}

function taskMark(done: boolean): HTMLElement {
  const mark = element('span', done ? [icon('check')] : [])
  mark.className = `task-mark checkbox ${done ? 'on' : ''}`
  mark.setAttribute('role', 'img')
  mark.setAttribute('aria-label', done ? 'done' : 'not done')
  return mark
}

function table(token: Tokens.Table): HTMLElement {
  const cell = (tag: 'th' | 'td') => (content: Tokens.TableCell) => {
    const one = element(tag, inline(content.tokens, content.text))
    if (content.align === 'right') one.className = 'to-right'
    if (content.align === 'center') one.className = 'to-center'
    return one
  }
  const head = element('thead', [element('tr', token.header.map(cell('th')))])
  const body = element(
    'tbody',
    token.rows.map((row) => element('tr', row.map(cell('td')))),
  )
  const scroll = element('div', [element('table', [head, body])])
  scroll.className = 'table-scroll'
  scroll.tabIndex = 0
  return scroll
}

/** A block that the runner took for a question, a plan or a ticket stands below as that; one that it could not read stays as it is. */
function actionBlock(token: Tokens.Code): HTMLElement | undefined {
  // While it is being written it is a text like any other.
  const isWhole = /\n\s*(`{3,}|~{3,})\s*$/.test(token.raw)
  const read = isWhole ? readActionBlock(token.lang ?? '', token.text) : undefined
  if (read === undefined) return undefined
  const note = element('p', [text(read.ok ? asked[read.action.kind] : `${read.problem} It stays as text.`)])
  note.className = 'action-note'
  return read.ok ? note : element('div', [codeBlock(token), note])
}

const asked = { ask_question: 'Asked below.', create_plan: 'The plan is below.', create_ticket: 'The ticket is below.' }

/** A fence in its own capped box with its language and a way to copy it. The `pre` holds one text node. */
export function codeBlock(token: Pick<Tokens.Code, 'lang' | 'text'>): HTMLElement {
  const code = element('code', [text(token.text)])
  const pre = element('pre', [code])
  pre.tabIndex = 0
  const name = element('span', [text(token.lang ?? '')])
  const copy = element('button', [icon('copy')])
  copy.className = 'button quiet small square'
  copy.setAttribute('type', 'button')
  copy.setAttribute('aria-label', 'Copy code')
  copy.addEventListener('click', () => {
    const done = navigator.clipboard.writeText(code.textContent ?? '')
    void done.then(() => copy.replaceChildren(icon('check')))
    copy.setAttribute('aria-label', 'Copied')
  })
  const box = element('div', [element('header', [name, copy]), pre])
  box.className = 'code-block'
  return box
}

function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('class', 'icon icon-small')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', iconPaths[name])
  svg.append(path)
  return svg
}

const text = (value: string): Text => document.createTextNode(value)

function element<K extends keyof HTMLElementTagNameMap>(tag: K, children: readonly Node[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.append(...children)
  return made
}
