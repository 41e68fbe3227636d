import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { authorEnvironment, coppiceAuthor } from './author.ts'
import { git } from './git.ts'
import { RepositoryRefused } from './repository.ts'

const files: Readonly<Record<string, string>> = {
  'README.md': `# Tree rings

A small project to try Coppice on: it counts the rings of a tree. Its tests run with Node alone:

    node --test
`,
  'package.json': `{
  "name": "tree-rings",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`,
  'src/rings.js': `/** The age of a tree in years: one ring a year, and the bark is none. */
export function age(rings) {
  return rings.filter((ring) => ring !== 'bark').length
}

/** Words for an age. */
export function describe(years) {
  return years === 1 ? '1 year' : \`\${years} years\`
}
`,
  'test/rings.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, describe } from '../src/rings.js'

test('a ring is a year', () => {
  assert.equal(age(['light', 'dark', 'bark']), 2)
})

test('one year is singular', () => {
  assert.equal(describe(1), '1 year')
  assert.equal(describe(12), '12 years')
})
`,
  '.gitignore': 'node_modules/\n',
}

/**
 * Makes the sample repository in the data folder, or finds it there: a small project with tests that run by `node --test`.
 * @returns its folder.
 */
export async function sampleRepository(dataFolder: string): Promise<string> {
  const folder = path.join(dataFolder, 'sample', 'tree-rings')
  await mkdir(folder, { recursive: true })
  const names = await readdir(folder)
  if (names.includes('.git') && (await git(folder, ['for-each-ref', '--count=1', 'refs/heads'])) !== '') return folder
  if (names.length > 0 && !names.includes('.git'))
    throw new RepositoryRefused(
      'source_invalid',
      `${folder} holds something else; move it away to get the sample repository.`,
    )
  await git(folder, ['init', '--quiet', '--initial-branch=main'])
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  await git(folder, ['add', '--all'])
  await git(folder, ['commit', '--quiet', '-m', 'A small project with tests'], {
    env: authorEnvironment(coppiceAuthor),
  })
  return folder
}
