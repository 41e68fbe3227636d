import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { attachmentSchema, branchSchema, pathSchema } from './vocabulary.ts'

const paths = z.array(pathSchema).max(LIMITS.operationPaths)

/** What a writer began from: the SHA-256 of the file's bytes, `absent` for a new file, `any` to replace whatever is there. */
const baseSchema = z.union([z.string().regex(/^[0-9a-f]{64}$/), z.literal('absent'), z.literal('any')])

const fileOperations = [
  /** The bytes are a blob; parent folders are made. */
  z.object({ kind: z.literal('writeFile'), path: pathSchema, content: attachmentSchema, base: baseSchema }),
  z.object({ kind: z.literal('makeFolder'), path: pathSchema }),
  z.object({ kind: z.literal('rename'), path: pathSchema, to: pathSchema }),
  /** Files, and folders with all that is in them. */
  z.object({ kind: z.literal('delete'), paths: paths.min(1) }),
] as const

/** What a person asks of a session's worktree: git (G-2 to G-10) and changes of files (F-2 to F-6). */
export const gitOperationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stage'), paths }),
  z.object({ kind: z.literal('unstage'), paths }),
  z.object({ kind: z.literal('discard'), paths }),
  z.object({
    kind: z.literal('commit'),
    message: z.string().trim().min(1, 'a commit needs a message').max(20_000),
    /** Author line, from the signed-in user (G-5). */
    author: z.object({ name: z.string().min(1).max(200), email: z.string().min(3).max(320) }),
    /** It takes the place of the last commit of the session. */
    amend: z.literal(true).optional(),
    /** With a line that says who signs it off. */
    signOff: z.literal(true).optional(),
  }),
  /** Some lines of one file: hunks of a unified diff, as they were seen. Lines that are not as they were seen are refused. */
  z.object({
    kind: z.literal('lines'),
    how: z.enum(['stage', 'unstage', 'discard']),
    path: pathSchema,
    hunks: z.string().min(1).max(LIMITS.hunkChars),
  }),
  z.object({ kind: z.literal('merge'), strategy: z.enum(['merge', 'squash', 'fast-forward']) }),
  z.object({ kind: z.literal('push') }),
  /** The branch is pushed, and a pull request made of it where a forge is set up (G-14). */
  z.object({
    kind: z.literal('pullRequest'),
    title: z.string().trim().min(1, 'a pull request needs a title').max(250),
    body: z.string().max(20_000),
    draft: z.boolean(),
  }),
  /** The session's own branch as it is on origin: fast-forward only (G-7). */
  z.object({ kind: z.literal('pullRemote') }),
  /** Another branch of origin is merged into the session's (G-8). */
  z.object({ kind: z.literal('pullBranch'), branch: branchSchema }),
  /** What the starter branch has is merged into the session's (G-10). */
  z.object({ kind: z.literal('pullStarter') }),
  /** The same, from the block about the local editor: told in the conversation (I-13, I-22). */
  z.object({ kind: z.literal('pullIde') }),
  /** What was sent from a local editor, by the id of the operation that offered it (I-17). */
  z.object({ kind: z.literal('applyUpload'), zip: attachmentSchema }),
  ...fileOperations,
])
/** Empty `paths` of git operations mean all files. */
export type GitOperation = z.infer<typeof gitOperationSchema>
export type FileOperation = z.infer<(typeof fileOperations)[number]>

const fileKinds: readonly string[] = fileOperations.map((one) => one.shape.kind.value)

export const isFileOperation = (operation: GitOperation): operation is FileOperation =>
  fileKinds.includes(operation.kind)

export const isIdeOperation = (kind: GitOperation['kind']): kind is 'pullIde' | 'applyUpload' =>
  kind === 'pullIde' || kind === 'applyUpload'

/**
 * Operations that change files under a working agent wait for the turn's end (G-13). A person's own edits do not: people
 * and agent work beside each other, and a file that changed meanwhile is never overwritten unseen.
 */
export const changesFiles = (operation: GitOperation): boolean =>
  operation.kind === 'lines' ? operation.how === 'discard' : changing(operation)

const changing = ({ kind }: GitOperation): boolean =>
  kind === 'discard' ||
  kind === 'merge' ||
  kind === 'pullRemote' ||
  kind === 'pullBranch' ||
  kind === 'pullStarter' ||
  isIdeOperation(kind)

/** Operations that touch what all sessions of a repository share. */
export const touchesRepository = ({ kind }: GitOperation): boolean =>
  ['merge', 'push', 'pullRequest', 'pullRemote', 'pullBranch', 'pullIde'].includes(kind)
