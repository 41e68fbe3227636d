import type { DerivedFrom } from '../log/derived-log.ts'
import { derivedTablesIn } from '../log/derived-tables.ts'
import { openSigningKey } from '../proof/signing-key.ts'
import { settingsIn } from '../settings.ts'
import type { RunningStore } from '../store/running-store.ts'

/** What logs that a test opens without a server derive with. The store may be closed under them: nobody is told. */
export async function derivingFrom(store: RunningStore): Promise<Omit<DerivedFrom, 'store' | 'now'>> {
  return {
    key: await openSigningKey(settingsIn(store)),
    report: () => undefined,
    tables: (logNo) => derivedTablesIn(store, logNo),
    signed: () => undefined,
  }
}
