import { editTool } from './edit.ts'
import { listTool } from './list.ts'
import { planTool } from './plan.ts'
import { readTool } from './read.ts'
import { runTool } from './run.ts'
import { searchTool } from './search.ts'
import type { Tool } from './tool.ts'
import { writeTool } from './write.ts'

/** The tools that every session has. Their order is part of what endpoints cache. */
export const ownTools: readonly Tool[] = [readTool, listTool, searchTool, editTool, writeTool, runTool, planTool]
