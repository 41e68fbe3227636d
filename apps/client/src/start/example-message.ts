import type { WorkspaceRow } from '@coppice/events'

const sample = `Say "ancient" for very old trees, and see that the tests still pass.

\`\`\`edit path=src/rings.js
<<<<<<< find
  return years === 1 ? '1 year' : \`\${years} years\`
=======
  if (years >= 1000) return 'ancient'
  return years === 1 ? '1 year' : \`\${years} years\`
>>>>>>> replace
\`\`\`

\`\`\`sh
node --test
\`\`\`
`

const anyRepository = `Write a note and look at what changed.

\`\`\`file path=COPPICE-NOTE.md
# A note

Written by a session in a worktree of its own.
\`\`\`

\`\`\`sh
git status --short && git log --oneline -3
\`\`\`
`

/** A first message for the Script provider that does something in this repository: it edits a file and runs a command. */
export const exampleMessage = (workspace: WorkspaceRow | undefined): string =>
  workspace?.source.kind === 'sample' ? sample : anyRepository
