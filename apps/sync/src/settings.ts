import type { QueryStore } from './sign-in/store-dialect.ts'

/** What the server remembers of itself: who owns it, its own name, its local runner. */
export type SettingKey = 'instance_id' | 'owner_id' | 'owner_signed_in' | 'local_runner_id' | 'signing_key'

export interface Settings {
  get(key: SettingKey): Promise<string | undefined>
  set(key: SettingKey, value: string): Promise<void>
  /** Sets it if it is not set; of two at once the first counts. */
  setOnce(key: SettingKey, value: string): Promise<void>
}

export function settingsIn(store: QueryStore): Settings {
  return {
    async get(key) {
      const { rows } = await store.query('select value from settings where key = $1', [key])
      const value = rows[0]?.['value']
      return typeof value === 'string' ? value : undefined
    },
    async set(key, value) {
      await store.query(
        'insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
        [key, value],
      )
    },
    async setOnce(key, value) {
      await store.query('insert into settings (key, value) values ($1, $2) on conflict do nothing', [key, value])
    },
  }
}
