/** Who a commit is by. No global git identity is needed on the runner's machine. */
export type Author = { readonly name: string; readonly email: string }

/** The environment that makes a commit this person's; characters that git cannot hold in a name are left out. */
export function authorEnvironment(author: Author): Record<string, string> {
  const name = author.name.replace(/[<>\n\0]/g, '').trim() || 'Coppice user'
  const email = author.email.replace(/[<>\s\0]/g, '') || 'user@coppice.invalid'
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
}

/** Who checkpoints are by. */
export const coppiceAuthor: Author = { name: 'Coppice', email: 'checkpoints@coppice.invalid' }
