import { existsSync } from 'node:fs'
import type { RepositorySource } from '@coppice/events'
import type { GitProgress } from '../git/git.ts'
import { fetchMirror, openMirror, redactUrl } from '../git/mirror.ts'
import { openRepository } from '../git/repository.ts'
import type { Repository } from '../git/repository.ts'
import { sampleRepository } from '../git/sample.ts'
import type { RunnerContext } from '../runner-context.ts'

/** Opens the repository of a source: the user's own folder, a mirror of a URL, or the sample. @throws {RepositoryRefused} */
export async function openSource(
  context: RunnerContext,
  source: RepositorySource,
  onProgress?: (progress: GitProgress) => void,
): Promise<Repository> {
  switch (source.kind) {
    case 'path':
      return openRepository(source.path)
    case 'sample':
      return openRepository(
        await context.locks.with('repository/sample', 'make the sample', () => sampleRepository(context.dataFolder)),
      )
    case 'url':
      // Two that need the same clone at once must not make it twice.
      return context.locks.with(`repository/url/${source.url}`, 'clone', () =>
        openMirror(context.dataFolder, source.url, onProgress),
      )
  }
}

const opened = new Map<string, Repository>()

/** As {@link openSource}, for the next session: a repository that was opened before is only looked at again when it is gone. */
export async function openAgain(
  context: RunnerContext,
  source: RepositorySource,
  onProgress?: (progress: GitProgress) => void,
): Promise<Repository> {
  const key = JSON.stringify([context.dataFolder, source])
  const known = opened.get(key)
  if (known && existsSync(known.gitDir) && existsSync(known.home)) return known
  const repository = await openSource(context, source, onProgress)
  opened.set(key, repository)
  return repository
}

/** What the source is called in messages. */
export function sourceName(source: RepositorySource, dataFolder: string): string {
  if (source.kind === 'path') return source.path
  return source.kind === 'url' ? redactUrl(source.url) : `${dataFolder}/sample/tree-rings`
}

/** Brings a mirror up to date, so that a session starts from what the remote has now. A remote that is away is no failure. */
export async function refresh(
  repository: Repository,
  onProgress?: (progress: GitProgress) => void,
): Promise<string | undefined> {
  if (repository.kind !== 'mirror') return undefined
  return fetchMirror(repository, onProgress).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Error && error.name === 'GitFailure')
        return `The remote could not be fetched, so this starts from what was fetched before: ${error.message}`
      throw error
    },
  )
}
