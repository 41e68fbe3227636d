import { createPublicKey, verify } from 'node:crypto'
import { hashText, headText, sameHash, signedHeadSchema, TreeEdge, type Hash, type SignedHead } from '@coppice/events'
import type { ServerKey } from '@coppice/protocol'
import { leafOf } from '../proof/leaf.ts'
import { TILE_HASHES, TileTable } from '../proof/tiles.ts'
import type { Store } from '../store/store-calls.ts'
import type { ExaminedLog } from './examine-events.ts'
import type { Findings } from './findings.ts'

/** A tile as the events have it, where the stored one is another or not there. */
interface Differing {
  readonly level: number
  readonly tile: number
  readonly hashes: readonly Hash[]
  /** The first position below the tile's first hash that differs; that it is missing, where no hash is there. */
  readonly position: number
  readonly missing: boolean
}

/** Builds a log's tree from its events and holds what is stored of it, tiles and signed heads, against it. */
export class ProofExamination {
  readonly #store: Pick<Store, 'query'>
  readonly #log: ExaminedLog
  readonly #findings: Findings
  readonly #edge = new TreeEdge()
  readonly #partials: Hash[][] = [[]]
  readonly #fresh: { level: number; tile: number; hashes: readonly Hash[] }[] = []
  readonly #differing: Differing[] = []
  readonly #heads: (SignedHead & { fits?: boolean })[] = []

  private constructor(store: Pick<Store, 'query'>, log: ExaminedLog, findings: Findings) {
    this.#store = store
    this.#log = log
    this.#findings = findings
  }

  /** Reads the signed heads, whose sizes must be met on the way. */
  static async begin(
    store: Pick<Store, 'query'>,
    log: ExaminedLog,
    key: ServerKey,
    findings: Findings,
  ): Promise<ProofExamination> {
    const examination = new ProofExamination(store, log, findings)
    const { rows } = await store.query(
      'select size, body, (select head from logs where no = $1) as head from tree_heads where log_no = $1 order by size',
      [log.no],
    )
    for (const row of rows) examination.#readHead(Number(row['size']), String(row['body']), key, Number(row['head']))
    return examination
  }

  #readHead(size: number, body: string, key: ServerKey, headNow: number): void {
    const head = parseHead(body)
    if (head === undefined || head.size !== size || head.log !== this.#log.log)
      this.#say(`The signed head of size ${size} of log ${this.#log.log} cannot be read.`, KEEP)
    else if (head.keyId !== key.keyId || !isSigned(head, key))
      this.#say(`The signed head of size ${size} of log ${this.#log.log} is not signed by this server's key.`, KEEP)
    else if (size > headNow)
      this.#say(`Log ${this.#log.log} had ${size} events when a head was signed, and has ${headNow}.`, KEEP)
    // Signed since the examination began: it is not reached.
    else if (size <= this.#log.head) this.#heads.push(head)
  }

  /** The next event's body. */
  add(body: string): void {
    let hash: Hash = leafOf(body)
    this.#edge.append(hash)
    const { size } = this.#edge
    for (const head of this.#heads) if (head.size === size) head.fits = head.root === hashText(this.#edge.root())
    for (let level = 0; ; level += 1) {
      const partial = (this.#partials[level] ??= [])
      partial.push(hash)
      if (partial.length < TILE_HASHES) return
      this.#fresh.push({ level, tile: Math.floor(size / TILE_HASHES ** (level + 1)) - 1, hashes: partial })
      this.#partials[level] = []
      hash = rootOf(partial)
    }
  }

  /** Compares the tiles that are complete by now with the stored ones; call it now and then, so that they do not pile up. */
  async compareTiles(): Promise<void> {
    const tiles = new TileTable(this.#store, this.#log.no)
    for (const { level, tile, hashes } of this.#fresh.splice(0)) {
      const [stored] = await tiles.read(level, tile, tile + 1)
      const at = hashes.findIndex((hash, index) => !sameHash(hash, stored?.[index] ?? NONE))
      if (at < 0 && stored?.length === hashes.length) continue
      const below = TILE_HASHES ** level
      const position = (tile * TILE_HASHES + Math.max(at, 0)) * below + 1
      this.#differing.push({ level, tile, hashes, position, missing: stored === undefined })
    }
  }

  /** Says what does not fit. Tiles are written anew where signed heads show that the events are right. */
  async end(mend: boolean): Promise<void> {
    await this.compareTiles()
    const { log } = this.#log
    let good = 0
    for (const head of this.#heads) {
      if (head.fits === true) good = head.size
      else {
        const first = this.#differing.find(({ level, missing }) => level === 0 && !missing)
        const where =
          first && first.position > good && first.position <= head.size
            ? `The first event that is not as it was is at position ${first.position}.`
            : `What differs is between position ${good + 1} and ${head.size}.`
        this.#say(`Log ${log}: the events do not have the root that was signed at size ${head.size}. ${where}`, KEEP)
        break
      }
    }
    for (const one of this.#differing) await this.#judgeTile(one, good, mend)
    await this.#extraTiles(mend)
  }

  async #judgeTile(one: Differing, good: number, mend: boolean): Promise<void> {
    const { level, tile, hashes, position, missing } = one
    const end = (tile + 1) * TILE_HASHES ** (level + 1)
    const name = `Tile ${level}/${tile} of the tree of log ${this.#log.log}`
    if (missing && (await this.#isLast(level, tile))) {
      // Tiles are written behind the log: the next answer that needs it writes it.
      return
    }
    const says = missing ? `${name} is missing.` : `${name} differs from the events, first at position ${position}.`
    // A missing tile contradicts nobody. Of a tile and events that differ a signed head tells which is right.
    if (!missing && good < end) {
      this.#say(says, good < position ? KEEP : UNDECIDED)
      return
    }
    if (mend)
      await this.#store.query(
        `insert into tree_tiles values ($1, $2, $3, $4)
         on conflict (log_no, level, tile) do update set hashes = excluded.hashes`,
        [this.#log.no, level, tile, Buffer.concat([...hashes])],
      )
    this.#findings.add(`${this.#log.log} tile`, {
      level: 'wrong',
      area: 'proof',
      says,
      advice: mend
        ? 'It was made anew from the events.'
        : 'Run `coppice doctor --mend` to make it anew from the events.',
      mending: mend ? 'done' : 'possible',
    })
  }

  async #isLast(level: number, tile: number): Promise<boolean> {
    const { rows } = await this.#store.query(
      'select count(*)::int as later from tree_tiles where log_no = $1 and level = $2 and tile > $3',
      [this.#log.no, level, tile],
    )
    return Number(rows[0]?.['later']) === 0
  }

  async #extraTiles(mend: boolean): Promise<void> {
    const head = 'select head from logs where no = $1'
    const beyond = `log_no = $1 and (tile + 1) * power(${TILE_HASHES}, level + 1) > (${head})`
    const asked = [this.#log.no]
    const { rows } = await this.#store.query(`select count(*)::int as tiles from tree_tiles where ${beyond}`, asked)
    const count = Number(rows[0]?.['tiles'])
    if (count === 0) return
    if (mend) await this.#store.query(`delete from tree_tiles where ${beyond}`, asked)
    this.#findings.add(`${this.#log.log} tile`, {
      level: 'wrong',
      area: 'proof',
      says: `${count} tiles of the tree of log ${this.#log.log} are of events past its head.`,
      advice: mend ? 'They were removed.' : 'Run `coppice doctor --mend` to remove them.',
      mending: mend ? 'done' : 'possible',
    })
  }

  #say(says: string, advice: string): void {
    this.#findings.add(`${this.#log.log} proof`, { level: 'wrong', area: 'proof', says, advice, mending: 'no' })
  }
}

const NONE: Hash = new Uint8Array(0)
const KEEP =
  'Nothing is mended, because what was signed is what readers were shown. Keep this folder as it is, and restore the last backup that is clean.'
const UNDECIDED =
  'No signed head covers it, so nothing tells whether the tile or the event is right. Nothing was changed.'

function rootOf(hashes: readonly Hash[]): Hash {
  const edge = new TreeEdge()
  for (const hash of hashes) edge.append(hash)
  return edge.root()
}

function parseHead(body: string): SignedHead | undefined {
  try {
    return signedHeadSchema.safeParse(JSON.parse(body)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Ed25519's public key in DER form is this and the 32 bytes. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

function isSigned(head: SignedHead, key: ServerKey): boolean {
  const der = Buffer.concat([DER_PREFIX, Buffer.from(key.publicKey, 'hex')])
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return verify(null, Buffer.from(headText(head)), publicKey, Buffer.from(head.signature, 'hex'))
}
