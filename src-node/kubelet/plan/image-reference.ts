/** A reference to an image with what its short form leaves out (kubernetes.io, "Images: Image names"). */
export interface ImageReference {
  /** Registry and path: `docker.io/library/nginx`. */
  repository: string
  tag: string | undefined
  /** `sha256:…` */
  digest: string | undefined
}

const DEFAULT_REGISTRY = 'docker.io'
const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const hostForm = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::\\d+)?$`)
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const MOST_NAME = 255

/** Takes a reference apart; throws in the words of container tools for one that is none. */
export function parseImage(reference: string): ImageReference {
  const written = splitHost(reference).path.split(':')[0]!
  if (written !== written.toLowerCase()) {
    throw new Error(`invalid reference format: repository name (${written}) must be lowercase`)
  }
  const [named = '', digest, ...more] = reference.split('@')
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const name = tagged ? named.slice(0, colon) : named
  const tag = tagged ? named.slice(colon + 1) : undefined
  const { host, path } = splitHost(name)
  const parts = path.split('/')
  const wellFormed =
    more.length === 0 &&
    hostForm.test(host) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest))
  if (!wellFormed || !parts.every((part) => PART.test(part))) throw new Error('invalid reference format')
  if (path.length > MOST_NAME) {
    throw new Error(`repository name must not be more than ${MOST_NAME} characters`)
  }
  return { repository: `${host}/${path}`, tag, digest }
}

/** The first part is a host where it looks like one; names without a host are of Docker Hub, single ones of its library. */
function splitHost(name: string): { host: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(0, slash))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const [host, path] = isHost ? [first, name.slice(slash + 1)] : [DEFAULT_REGISTRY, name]
  const official = host === DEFAULT_REGISTRY || host === `index.${DEFAULT_REGISTRY}`
  if (!official) return { host, path }
  return { host: DEFAULT_REGISTRY, path: path.includes('/') ? path : `library/${path}` }
}
