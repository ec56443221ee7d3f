import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import type { Pod, PodCertificateProjection } from '#types/core/v1'
import { createInformer, type Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { abortable } from '../runtime/abortable.ts'
import { makeCertificateKey } from './certificate-key.ts'
import type { VolumesOptions } from './volumes.ts'

/** Who asks for a pod's certificates. */
export type RequestOptions = Pick<VolumesOptions, 'client' | 'nodeName' | 'clock' | 'signal' | 'log'>

/** What this node has asked for and waits for. */
export interface Asked {
  name: string
  /** PEM. */
  key: string
  /** Milliseconds since the epoch. */
  at: number
}

/** This node's requests for certificates (KEP-4317). Nothing is watched before the first pod asks. */
export class CertificateRequests {
  readonly #options: RequestOptions
  /** Called with a pod's uid when a request of it changes. */
  readonly #changed: (uid: string) => void
  #informer: Informer<PodCertificateRequest> | undefined

  constructor(options: RequestOptions, changed: (uid: string) => void) {
    this.#options = options
    this.#changed = changed
  }

  /** The request as it is now; undefined when it is gone, or not yet seen. */
  async find(namespace: string, name: string): Promise<PodCertificateRequest | undefined> {
    return (await this.#watched()).get(`${namespace}/${name}`)
  }

  /** Makes a key and asks the signer for its certificate. */
  async ask({ metadata, spec }: Pod, source: PodCertificateProjection): Promise<Asked> {
    const { client, nodeName, clock } = this.#options
    const { name: podName, uid: podUID, namespace = 'default' } = metadata
    const { serviceAccountName = 'default' } = spec
    const { signerName = '', keyType = '', maxExpirationSeconds, userAnnotations } = source
    await this.#watched()
    const [account, node, { key, request }] = await Promise.all([
      client.resource(refs.serviceAccounts).get(serviceAccountName, namespace),
      client.resource(refs.nodes).get(nodeName),
      makeCertificateKey(keyType),
    ])
    const made = await client.resource(refs.podCertificateRequests).create({
      apiVersion: 'certificates.k8s.io/v1beta1',
      kind: 'PodCertificateRequest',
      metadata: {
        namespace,
        generateName: 'req-',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid: podUID }],
      },
      spec: {
        signerName,
        podName,
        podUID,
        serviceAccountName,
        serviceAccountUID: account.metadata.uid,
        nodeName,
        nodeUID: node.metadata.uid,
        ...(maxExpirationSeconds === undefined ? {} : { maxExpirationSeconds }),
        ...(userAnnotations ? { unverifiedUserAnnotations: userAnnotations } : {}),
        stubPKCS10Request: request.toString('base64'),
      },
    } as PodCertificateRequest)
    return { name: made.metadata.name, key, at: clock.now() }
  }

  async #watched(): Promise<Informer<PodCertificateRequest>> {
    const { client, nodeName, clock, signal, log } = this.#options
    if (!this.#informer) {
      this.#informer = createInformer({
        client,
        ref: refs.podCertificateRequests,
        fieldSelector: `spec.nodeName=${nodeName}`,
        clock,
        signal,
        onError: (error) => log(`watch of requests for certificates: ${String(error)}`),
      })
      const notify = ({ spec }: PodCertificateRequest) => this.#changed(spec.podUID)
      this.#informer.on({ add: notify, update: notify, delete: notify })
    }
    await abortable(this.#informer.synced, signal)
    return this.#informer
  }
}
