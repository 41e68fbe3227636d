const grouped = new Intl.NumberFormat('en-US')
const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** 1,204 */
export const count = (n: number): string => grouped.format(n)

/** Money has four digits under a dollar, two above: $0.0934, $12.40. */
export const money = (usd: number): string => (usd < 1 ? `$${usd.toFixed(4)}` : `$${cents.format(usd)}`)

/** 950, 12.4k, 1.24M */
export function tokens(n: number): string {
  if (n < 1_000) return String(n)
  if (n < 1_000_000) return `${trim(n / 1_000, 1)}k`
  return `${trim(n / 1_000_000, 2)}M`
}

/** 950 B, 12 KiB, 1.2 MiB */
export function fileSize(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < 1_024 * 1_024) return `${Math.round(bytes / 1_024)} KiB`
  return `${trim(bytes / 1_024 / 1_024, 1)} MiB`
}

/** 1.5 GiB: of disks and memory, where less is not of interest. */
export const gibibytes = (bytes: number): string => `${trim(bytes / 1_024 ** 3, 1)} GiB`

const trim = (n: number, digits: number): string => n.toFixed(digits).replace(/\.?0+$/, '')

/** One file, 2 files. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`
