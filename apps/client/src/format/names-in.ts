const userId = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g

/** A sentence of the server, which knows people by their ids, with their names; what is nobody's id stays. */
export const namesIn = (text: string, users: ReadonlyMap<string, { readonly name: string }>): string =>
  text.replace(userId, (id) => users.get(id)?.name ?? id)
