// `npm run setup`: everything that `npm run up` needs, idempotent. `setup.mjs build` stops after the bundles.
import { ensureDocker, ensurePackages } from './lib/packages.mjs'
import { ensureBundles, ensureModules, generate } from './lib/project.mjs'
import { step } from './lib/shell.mjs'

export async function setup({ bundles = true, engine = true } = {}) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20)
    throw new Error(`Node.js 20 or newer is needed; this is ${process.version}. Install it from nodejs.org and repeat.`)
  await step('Packages of the project', ensureModules)
  await step('Types from the tables of API facts', generate)
  if (bundles) await step('Bundles of app, command line and agent', ensureBundles)
  if (!engine) return
  await step('Docker engine', ensureDocker)
  if (process.platform === 'linux')
    await step('Tools that build the node image', () => ensurePackages({ mmdebstrap: '/usr/bin/mmdebstrap' }))
}

if (process.argv[1] === (await import('node:url')).fileURLToPath(import.meta.url)) {
  try {
    await setup({ engine: process.argv[2] !== 'build' })
  } catch (error) {
    console.error(`\n${error.message}`)
    process.exit(1)
  }
}
