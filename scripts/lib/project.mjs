// What the project itself needs: node_modules, generated types, bundles. Each is redone only when its inputs changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { output, root, run } from './shell.mjs'

const stampOf = (name) => join(root, 'node_modules/.drydock', name)

function digest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function fresh(name, paths) {
  const value = digest(paths)
  const file = stampOf(name)
  if (existsSync(file) && readFileSync(file, 'utf8') === value) return { done: true }
  return {
    done: false,
    mark() {
      mkdirSync(join(root, 'node_modules/.drydock'), { recursive: true })
      writeFileSync(file, value)
    },
  }
}

export function ensureModules() {
  const state = fresh('modules', ['package-lock.json'])
  if (state.done && existsSync(join(root, 'node_modules/.bin/node'))) return 'up to date'
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  // The versions of the lock file, with the binaries of whatever platform this is: `npm ci` wants those of all platforms locked.
  run('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error'], quiet)
  // Of all packages only `node` needs its script: it puts the pinned Node in place.
  run('npm', ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], quiet)
  linkCommand()
  fresh('modules', ['package-lock.json']).mark?.()
  return output('node', ['--version'])
}

/** `npx drydock` finds commands here. */
function linkCommand() {
  const link = join(root, 'node_modules/.bin/drydock')
  if (!existsSync(link)) symlinkSync('../../scripts/drydock.mjs', link)
}

export function generate() {
  run(process.execPath, ['scripts/generate.mjs'])
}

function sources(folders) {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
        .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))),
    )
    .sort()
}

export function ensureBundles() {
  const inputs = [
    ...sources(['src-kube', 'src-wire', 'src-main', 'src-node', 'src-ingress', 'src-renderer']),
    ...sources(['resources/facts', 'resources/node']),
    'scripts/build.mjs',
    'scripts/generate.mjs',
    'package-lock.json',
  ]
  const state = fresh('bundles', inputs)
  if (state.done && existsSync(join(root, 'out/cli/drydock.js')) && existsSync(join(root, 'out/agent/agent.mjs')))
    return 'up to date'
  run('node', ['scripts/build.mjs'])
  state.mark?.()
  return undefined
}
