#!/usr/bin/env node
// `npx drydock …`: runs the bundled command line under the pinned Node.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, bin, root } from './lib/shell.mjs'

const entry = join(root, 'out/cli/drydock.js')
const node = join(bin, 'node')
if (!existsSync(entry) || !existsSync(node)) {
  console.error('Drydock is not built yet. Run `npm run setup` in its folder first.')
  process.exit(1)
}
become(node, ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)])
