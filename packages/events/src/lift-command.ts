import type { Command } from './command.ts'
import { refuse, type Refusal } from './refusal.ts'
import { COMMAND_UPCASTERS, upcast, type Upcaster } from './upcast.ts'

/** Current schema version of a command type where it is not 1. Raise it together with an upcaster from the version before. */
export const COMMAND_VERSIONS: Readonly<Record<string, number>> = {}

/**
 * A command as this code understands it, whichever version of the app made it (SY-9). What it says stays the same, its id
 * too: it is the same wish. One from the future is refused; the app that made it is newer than this code.
 */
export function liftCommand(
  command: Command,
  versions: Readonly<Record<string, number>> = COMMAND_VERSIONS,
  upcasters: readonly Upcaster[] = COMMAND_UPCASTERS,
): Command | Refusal {
  const from = command.schemaVersion ?? 1
  const to = versions[command.type] ?? 1
  if (from === to) return command
  if (from > to)
    return refuse(
      'unsupported',
      `This ${command.type} is of version ${from}; the newest known here is ${to}. It is kept: send it again after an update.`,
    )
  return { ...command, schemaVersion: to, data: upcast(command.type, from, to, command.data, upcasters) }
}
