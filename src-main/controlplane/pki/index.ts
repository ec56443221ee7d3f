import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { writeDurably } from '../store/durable-file.ts'
import {
  createAuthority,
  createLeaf,
  factsOf,
  parseRequest,
  signRequest,
  type KeyPair,
  type LeafOptions,
  type RequestFacts,
} from './x509.ts'

export type { KeyPair } from './x509.ts'

/** The certificate authority of a cluster and what it has signed (kubernetes.io, "PKI certificates and requirements"). */
export interface Pki {
  readonly ca: KeyPair
  /** Of the API server. */
  readonly serving: KeyPair
  /** A client certificate, kept on disk and renewed. */
  client(commonName: string, organizations: readonly string[]): Promise<KeyPair>
  readonly signer: {
    parse(pem: string): Promise<RequestFacts>
    /** `expirationSeconds` is bounded to ten minutes … one year. */
    sign(request: {
      requestPem: string
      usages: readonly string[]
      expirationSeconds?: number | undefined
    }): Promise<string>
  }
  /** Keys of service-account tokens (ES256). */
  readonly serviceAccounts: { privateKey: KeyObject; publicKey: KeyObject }
}

const DAY = 24 * 3600_000
const CA_YEARS = 10
const RENEW_BEFORE = 30 * DAY
/** Clocks of nodes may be a little behind. */
const SKEW = 5 * 60_000
const YEAR_SECONDS = 365 * 24 * 3600
const serverNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'host.docker.internal',
]
const serverIps = ['127.0.0.1', '10.96.0.1']

/**
 * The cluster's certificates, made where they are missing, re-issued where they end soon or name other hosts (kubernetes.io, "PKI
 * certificates and requirements"). The folder is 0700, keys are 0600.
 */
export async function openPki(
  directory: string,
  options: { clock: Clock; sans: { dns: readonly string[]; ips: readonly string[] } },
): Promise<Pki> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const now = options.clock.now()
  const validity = { notBefore: now - SKEW, notAfter: now + YEAR_SECONDS * 1000 }
  const ca =
    load(directory, 'ca') ??
    save(directory, 'ca', await createAuthority('drydock-ca', now - SKEW, now + CA_YEARS * 365 * DAY))
  const kept = async (name: string, leaf: Omit<LeafOptions, 'notBefore' | 'notAfter'>): Promise<KeyPair> => {
    const present = load(directory, name)
    if (present && isGood(present, leaf, now)) return present
    return save(directory, name, await createLeaf(ca, { ...leaf, ...validity }))
  }
  const serving = await kept('apiserver', {
    commonName: 'kube-apiserver',
    usage: 'server',
    dns: [...serverNames, ...options.sans.dns],
    ips: [...serverIps, ...options.sans.ips],
  })
  return {
    ca,
    serving,
    client: (commonName, organizations) =>
      kept(`client-${commonName.replaceAll(/[^\w.-]/g, '_')}`, { commonName, organizations, usage: 'client' }),
    signer: {
      parse: parseRequest,
      sign({ requestPem, usages, expirationSeconds = YEAR_SECONDS }) {
        const seconds = Math.min(YEAR_SECONDS, Math.max(600, expirationSeconds))
        const at = options.clock.now()
        const server = usages.includes('server auth')
        const usage = server && usages.includes('client auth') ? 'both' : server ? 'server' : 'client'
        return signRequest(ca, requestPem, { usage, notBefore: at - SKEW, notAfter: at + seconds * 1000 })
      },
    },
    serviceAccounts: serviceAccountKeys(directory),
  }
}

/** Valid for long enough, for all names, and a pair: a crash between the two files of a renewal leaves a key without its certificate. */
function isGood({ cert, key }: KeyPair, leaf: Omit<LeafOptions, 'notBefore' | 'notAfter'>, now: number): boolean {
  const facts = factsOf(cert)
  const wanted = [...(leaf.dns ?? []), ...(leaf.ips ?? [])]
  const pair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  return pair && facts.notAfter - now > RENEW_BEFORE && wanted.every((name) => facts.names.includes(name))
}

function load(directory: string, name: string): KeyPair | undefined {
  const [cert, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)]
  return existsSync(cert) && existsSync(key)
    ? { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
    : undefined
}

function save(directory: string, name: string, pair: KeyPair): KeyPair {
  writeDurably(join(directory, `${name}.key`), pair.key)
  writeDurably(join(directory, `${name}.crt`), pair.cert)
  return pair
}

function serviceAccountKeys(directory: string): Pki['serviceAccounts'] {
  const file = join(directory, 'sa.key')
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeDurably(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  }
  const privateKey = createPrivateKey(readFileSync(file, 'utf8'))
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
