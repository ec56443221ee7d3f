// `npm run up [-- options of drydock up]`: sets up what is missing, then starts a three-node cluster and the app.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setup } from './setup.mjs'
import { become, bin, root } from './lib/shell.mjs'

try {
  await setup()
  const electron = join(root, 'node_modules/electron/dist/electron')
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  const args = process.argv.slice(2)
  if (display && existsSync(electron) && args.length === 0) become(electron, [root])
  else
    become(join(bin, 'node'), [
      '--disable-warning=ExperimentalWarning',
      join(root, 'out/cli/drydock.js'),
      'up',
      ...args,
    ])
} catch (error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
