// The one gate: generated types, format, lint, layers, types, unit tests. `--fast` leaves the unit tests out.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checks } from './lib/checks.mjs'
import { bin, environment, root } from './lib/shell.mjs'

if (!existsSync(bin)) {
  console.error('node_modules is missing: run `npm run setup` first.')
  process.exit(1)
}
const steps = [
  ['generate', 'node', ['scripts/generate.mjs']],
  ...checks,
  ['unit tests', 'vitest', ['run', '--project', 'unit', '--project', 'renderer']],
]
const fast = process.argv.includes('--fast')
for (const [name, command, args] of fast ? steps.slice(0, -1) : steps) {
  const started = performance.now()
  const done = spawnSync(join(bin, command), args, {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (done.status !== 0) {
    console.error(`not ok: ${name} (${seconds} s)`)
    process.exit(done.status ?? 1)
  }
  console.log(`ok: ${name} (${seconds} s)`)
}
