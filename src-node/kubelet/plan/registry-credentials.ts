import { createHash } from 'node:crypto'
import type { Secret } from '#types/core/v1'
import type { PullSecret } from './pull-records.ts'

/** What a registry is told about who pulls. */
export interface RegistryCredentials {
  username: string
  password: string
  serveraddress: string
}

/** Credentials, and the secret that they are of. */
export interface PullCredentials {
  auth: RegistryCredentials
  secret: PullSecret
}

interface DockerEntry {
  username?: string
  password?: string
  /** `username:password` in base64. */
  auth?: string
}

/** Credentials of one registry, or of a path of it. */
interface KeyringEntry {
  /** Host with an optional port and path; the host's parts may hold `*` and `?`. */
  key: string
  credentials: PullCredentials
}

const DOCKER_HUB = 'index.docker.io'

/**
 * The credentials of pull secrets that fit a repository (`registry/path`), the most specific first; each is to be tried
 * (kubernetes.io, "Images: Interpretation of config.json"). Throws for a secret that cannot be read.
 */
export function credentialsFor(repository: string, secrets: readonly Secret[]): PullCredentials[] {
  const keyring = secrets.flatMap(entriesOf).toSorted((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
  const fitting = keyring.filter(({ key }) => matches(key, repository))
  const ofHub = repository.startsWith('docker.io/') ? keyring.filter(({ key }) => key === DOCKER_HUB) : []
  return (fitting.length > 0 ? fitting : ofHub).map(({ credentials }) => credentials)
}

function entriesOf({ data = {}, metadata }: Secret): KeyringEntry[] {
  const json = data['.dockerconfigjson']
  const text = json ?? data['.dockercfg']
  if (text === undefined) return []
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  try {
    const parsed = JSON.parse(decoded) as Record<string, unknown>
    const auths = (json === undefined ? parsed : (parsed['auths'] ?? {})) as Record<string, DockerEntry>
    return Object.entries(auths).map(([server, entry]) => {
      const { key, auth } = entryOf(server, entry)
      return { key, credentials: { auth, secret: secretOf(metadata, auth) } }
    })
  } catch (error) {
    throw new Error(`the pull secret ${metadata.namespace}/${metadata.name} cannot be read: ${String(error)}`, {
      cause: error,
    })
  }
}

function secretOf({ namespace = '', name, uid }: Secret['metadata'], auth: RegistryCredentials): PullSecret {
  const said = JSON.stringify([auth.serveraddress, auth.username, auth.password])
  return { namespace, name, uid, hash: createHash('sha256').update(said).digest('hex') }
}

function entryOf(
  server: string,
  { username = '', password = '', auth }: DockerEntry,
): { key: string; auth: RegistryCredentials } {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)(.*)$/.exec(server) ?? []
  // The old ways to name a registry's programming interface mean the registry.
  const rest = path.replace(/^\/v[12]\//, '/')
  const [user, secret] = auth ? decodeAuth(auth) : [username, password]
  return {
    key: rest === '/' ? host : `${host}${rest}`,
    auth: { username: user, password: secret, serveraddress: server },
  }
}

function decodeAuth(auth: string): [username: string, password: string] {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) throw new Error('unable to parse auth field, must be formatted as base64(username:password)')
  return [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')]
}

/** Ports are equal, the host's parts match one by one, and the path begins with the key's. */
function matches(key: string, repository: string): boolean {
  const [ours, theirs] = [split(key), split(repository)]
  return (
    ours.port === theirs.port &&
    ours.parts.length === theirs.parts.length &&
    theirs.path.startsWith(ours.path) &&
    ours.parts.every((part, i) => globOf(part).test(theirs.parts[i]!))
  )
}

function split(url: string): { parts: string[]; port: string; path: string } {
  const slash = url.indexOf('/')
  const [host = '', port = ''] = (slash < 0 ? url : url.slice(0, slash)).split(':')
  return { parts: host.split('.'), port, path: slash < 0 ? '' : url.slice(slash) }
}

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
