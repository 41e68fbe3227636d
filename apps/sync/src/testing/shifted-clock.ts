/** Loaded into a server with `--import`: its wall clock is CLOCK_SHIFT_MS off, as of a machine whose clock was set. */
const shift = Number(process.env['CLOCK_SHIFT_MS'] ?? 0)
const real = Date.now.bind(Date)
Date.now = () => real() + shift
