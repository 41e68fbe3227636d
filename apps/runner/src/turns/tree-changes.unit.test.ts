import { renameSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { Redaction } from '../agents/redaction.ts'
import { TreeChanges } from './tree-changes.ts'

test('a step whose changes git cannot read costs its own diff: the next step waits for nothing and shows both', async () => {
  using at = temporaryRepository()
  const changes = new TreeChanges(at.repo, wholeTree(at.repo), new Redaction([]))
  await changes.known()
  at.write('one.txt', 'one\n')
  const [git, away] = [path.join(at.repo, '.git'), path.join(at.root, 'away')]
  renameSync(git, away)
  await expect(changes.since()).rejects.toThrow(/not a git repository/)
  renameSync(away, git)
  await changes.known()
  at.write('two.txt', 'two\n')
  expect((await changes.since()).map((change) => change.path)).toEqual(['one.txt', 'two.txt'])
  expect(await changes.since()).toEqual([])
})
