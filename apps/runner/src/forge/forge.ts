import type { ForgePullRequest } from '@coppice/protocol'

export type Check = ForgePullRequest['checks'][number]
export type Comment = ForgePullRequest['comments'][number]

/** A pull request as a forge has it; `commit` is what it stands at there. */
export type PullRequest = Omit<ForgePullRequest, 'checks' | 'comments'> & { readonly commit: string }

/** What a pull request is to be made of. */
export type NewPullRequest = {
  readonly branch: string
  readonly base: string
  readonly title: string
  readonly body: string
  readonly draft: boolean
}

/** A place where pull requests are made and looked at. All of it may throw {@link ForgeRefused}. */
export interface Forge {
  readonly kind: 'github' | 'gitlab'
  /** The newest one of a branch. */
  find(branch: string): Promise<PullRequest | undefined>
  create(wanted: NewPullRequest): Promise<PullRequest>
  checks(request: PullRequest): Promise<Check[]>
  /** The oldest first; what the forge itself notes is not among them. */
  comments(request: PullRequest): Promise<Comment[]>
}

/** A forge said no, or could not be reached; the message says what to do. */
export class ForgeRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ForgeRefused'
  }
}
