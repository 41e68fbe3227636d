/** The rows on this device were written by a newer version of the app, which is open in another tab or was here before. */
export class NewerReplica extends Error {
  override readonly name = 'NewerReplica'

  constructor(stored: number, known: number) {
    super(`The copy on this device is of version ${stored}; this app knows versions up to ${known}.`)
  }
}
