import type { QueryStore } from './sign-in/store-dialect.ts'

/** What the server remembers of itself: who owns it, its own name, its local runner. */
export type SettingKey =
  'instance_id' | 'owner_id' | 'owner_signed_in' | 'local_runner_id' | 'cookie_secret' | 'signing_key'

export interface Settings {
  get(key: SettingKey): Promise<string | undefined>
  set(key: SettingKey, value: string): Promise<void>
  /** The value, made and kept if there is none yet. Servers that share the store all get the same. */
  keep(key: SettingKey, make: () => string): Promise<string>
}

export function settingsIn(store: QueryStore): Settings {
  return {
    async get(key) {
      const { rows } = await store.query('select value from settings where key = $1', [key])
      const value = rows[0]?.['value']
      return typeof value === 'string' ? value : undefined
    },
    async keep(key, make) {
      const { rows } = await store.query(
        'insert into settings (key, value) values ($1, $2) on conflict (key) do update set key = excluded.key returning value',
        [key, make()],
      )
      return String(rows[0]?.['value'])
    },
    async set(key, value) {
      await store.query(
        'insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
        [key, value],
      )
    },
  }
}
