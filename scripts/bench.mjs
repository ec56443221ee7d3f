// Runs every benchmark of test/bench, one after the other, and prints what they measure. `npm run bench [name …]` runs only those named.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bin, environment, root, run } from './lib/shell.mjs'
import { setup } from './setup.mjs'

const folder = join(root, 'test/bench')
const wanted = process.argv.slice(2)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
// What is measured is the product: its bundles are brought up to date first.
await setup()
if (names.length === 0) throw new Error(`no benchmark named ${wanted.join(' ')} in test/bench`)
for (const name of names) {
  console.log(`\n${name}`)
  run(join(bin, 'node'), [join(folder, `${name}.ts`)], { env: environment() })
}
