import { z } from 'zod'
import { unreachable, type Decider, type Described } from '../decider.ts'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { refuse } from '../refusal.ts'
import type { Projector } from '../rows/tables.ts'
import { modelSchema, nameSchema, providerSchema } from '../session/vocabulary.ts'

const shape = {
  name: nameSchema,
  /** What it is told beside every message. */
  prompt: z.string().trim().min(1, 'a bot needs to be told what it is for').max(LIMITS.botPromptChars),
  provider: providerSchema,
  model: modelSchema,
  /** It changes no file and runs nothing, whatever its sessions allow. */
  readOnly: z.boolean(),
}
const created = z.object({ botId: idSchema, workspaceId: idSchema, ...shape })
const edited = z.object(shape)
const archived = z.object({ archived: z.boolean() })

/** A bot of a workspace: sessions in mode Bot are led by one (S-5, BOT-1). */
export const botEvents = { 'bot.created': created, 'bot.edited': edited, 'bot.archived': archived }
export type BotEvent = Described<typeof botEvents>

/** What is changed counts from the next turn of every session of it. An archived bot begins no new sessions. */
export const botCommands = { 'bot.create': created, 'bot.edit': edited, 'bot.archive': archived }
export type BotCommand = Described<typeof botCommands>

export interface BotState {
  readonly exists: boolean
  readonly name: string
  readonly prompt: string
  readonly provider: string
  readonly model: string
  readonly readOnly: boolean
  readonly archived: boolean
}

const none: BotState = {
  exists: false,
  name: '',
  prompt: '',
  provider: '',
  model: '',
  readOnly: true,
  archived: false,
}

export const botDecider: Decider<BotState, BotCommand, BotEvent> = {
  initial: none,
  decide(command, state) {
    if (command.type === 'bot.create')
      return state.exists
        ? refuse('already_exists', 'A bot with this id exists already.')
        : [{ type: 'bot.created', data: command.data }]
    if (!state.exists) return refuse('not_found', 'There is no such bot.')
    switch (command.type) {
      case 'bot.edit':
        return state.archived
          ? refuse('wrong_state', 'The bot is archived. Bring it back first.')
          : [{ type: 'bot.edited', data: command.data }]
      case 'bot.archive':
        return command.data.archived === state.archived ? [] : [{ type: 'bot.archived', data: command.data }]
      default:
        return unreachable(command)
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'bot.created': {
        const { botId: _id, workspaceId: _workspace, ...rest } = event.data
        return { ...none, ...rest, exists: true }
      }
      case 'bot.edited':
        return { ...state, ...event.data }
      case 'bot.archived':
        return { ...state, archived: event.data.archived }
    }
  },
}

export const botProjector: Projector<BotEvent> = {
  refs: (_event, botId) => [{ table: 'bots', key: botId }],
  project(event, source, read) {
    const key = source.streamId
    if (event.type === 'bot.created')
      return [{ table: 'bots', key, row: { ...event.data, archived: false, createdAt: source.at } }]
    const known = read('bots', key)
    return known ? [{ table: 'bots', key, row: { ...known, ...event.data } }] : []
  },
}
