import { actionSchema, type Action } from './action-vocabulary.ts'

/** The kinds as they are named in a fence: ```coppice:ask-question. */
const kinds: Readonly<Record<string, Action['kind']>> = {
  'ask-question': 'ask_question',
  'create-plan': 'create_plan',
  'create-ticket': 'create_ticket',
}

/** What a block of an agent's text is: an action, or why it is none. */
export type ActionBlock =
  { readonly ok: true; readonly action: Action } | { readonly ok: false; readonly problem: string }

/**
 * Reads a fenced block's content by what its fence says.
 * @param info what stands after the fence
 * @returns undefined where the block is no action at all
 */
export function readActionBlock(info: string, content: string): ActionBlock | undefined {
  const name = /^coppice:(\S+)\s*$/.exec(info.trim())?.[1]
  if (name === undefined) return undefined
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (kind === undefined)
    return { ok: false, problem: `There is no action "${name}"; there are ${Object.keys(kinds).join(', ')}.` }
  const data = parsed(content)
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { ok: false, problem: 'This was meant as an action, but it is no JSON object.' }
  const action = actionSchema.safeParse({ ...data, kind })
  if (action.success) return { ok: true, action: action.data }
  const [issue] = action.error.issues
  return { ok: false, problem: `This was meant as an action, but ${issue?.path.join('.') || 'it'}: ${issue?.message}.` }
}

/** The actions of a whole text, in order, each with its number among the blocks that were meant as one. */
export function actionsIn(text: string): readonly { readonly block: number; readonly action: Action }[] {
  const found: { block: number; action: Action }[] = []
  let block = 0
  for (const match of text.matchAll(/^(`{3,}|~{3,})(coppice:[^\n]*)\n([\s\S]*?)^\1[`~]*[ \t]*$/gm)) {
    const read = readActionBlock(match[2] ?? '', match[3] ?? '')
    if (read?.ok) found.push({ block, action: read.action })
    block += 1
  }
  return found
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
