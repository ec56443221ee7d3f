import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transport } from '../../src-kube/client/transport.ts'
import { createClient, type ResourceClient } from '../../src-kube/client/typed-client.ts'
import { refs } from '../../src-kube/client/refs.ts'
import type { CertificateSigningRequest } from '#types/certificates.k8s.io/v1'
import { expiryOf, signingRequest } from './request.ts'

/** What a node proves who it is with. */
export interface KeyPair {
  /** PEM each. */
  cert: string
  key: string
}

/** A certificate of the node that the cluster is asked to sign (kubernetes.io, "TLS bootstrapping"). */
export interface CertificateOptions {
  /** Transport to ask over: the bootstrap token's at first, the node's own later. */
  transport: Transport
  node: string
  signer: 'kubernetes.io/kube-apiserver-client-kubelet' | 'kubernetes.io/kubelet-serving'
  /** Subject alternative names: none for the client certificate. */
  names: { dns: string[]; ips: string[] }
  signal: AbortSignal
}

/** A certificate is renewed when less than this part of a year is left. */
const RENEW_BEFORE = 60 * 24 * 3600_000

/**
 * Asks for a certificate as kubelets do (kubernetes.io, "TLS bootstrapping"): a CertificateSigningRequest, approved and signed
 * by the controllers, read back by a watch.
 */
export async function requestCertificate(options: CertificateOptions): Promise<KeyPair> {
  const { transport, node, signer, names, signal } = options
  const { request, key } = await signingRequest(
    { commonName: `system:node:${node}`, organization: 'system:nodes' },
    names,
  )
  const requests = createClient(transport).resource(refs.certificateSigningRequests)
  const usage = signer === 'kubernetes.io/kubelet-serving' ? 'server auth' : 'client auth'
  const made = await requests.create({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: signer,
      usages: ['digital signature', usage],
    },
  })
  return { cert: await signed(requests, made, signal), key }
}

async function signed(
  requests: ResourceClient<CertificateSigningRequest>,
  made: CertificateSigningRequest,
  signal: AbortSignal,
): Promise<string> {
  const fieldSelector = `metadata.name=${made.metadata.name}`
  for await (const { type, object } of requests.watch({ fieldSelector, signal })) {
    if (type === 'DELETED') break
    const refusal = object.status?.conditions?.find(
      (condition) => condition.type === 'Denied' || condition.type === 'Failed',
    )
    if (refusal)
      throw new Error(`certificate request ${made.metadata.name} was refused: ${refusal.message ?? refusal.reason}`)
    if (object.status?.certificate) return Buffer.from(object.status.certificate, 'base64').toString('utf8')
  }
  throw new Error(`certificate request ${made.metadata.name} ended without a certificate`)
}

/** A key pair kept in a folder: `<name>.crt`, `<name>.key`. Undefined when there is none that is good for long enough. */
export async function loadKeyPair(directory: string, name: string, now: number): Promise<KeyPair | undefined> {
  try {
    const cert = await readFile(join(directory, `${name}.crt`), 'utf8')
    const key = await readFile(join(directory, `${name}.key`), 'utf8')
    return expiryOf(cert) - now > RENEW_BEFORE ? { cert, key } : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces both files, each whole or not at all; only their owner may read them. */
export async function saveKeyPair(directory: string, name: string, pair: KeyPair): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const [extension, text] of [
    ['key', pair.key],
    ['crt', pair.cert],
  ] as const) {
    const file = join(directory, `${name}.${extension}`)
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
}
