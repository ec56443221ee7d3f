import type { ClusterTrustBundle } from '#types/certificates.k8s.io/v1beta1'
import type { ClusterTrustBundleProjection } from '#types/core/v1'
import { createInformer, type Informer } from '../../../src-kube/client/informer.ts'
import { refs } from '../../../src-kube/client/refs.ts'
import { labelSelectorMatcher } from '../../../src-kube/machinery/labels.ts'
import { pemBlocks, pemText } from '../../../src-kube/machinery/pem.ts'
import { abortable } from '../runtime/abortable.ts'
import type { VolumesOptions } from './volumes.ts'

type Options = Pick<VolumesOptions, 'client' | 'clock' | 'signal' | 'log'>

/** Whom the cluster trusts (KEP-3257). Nothing is watched before the first pod asks. */
export class TrustBundles {
  readonly #options: Options
  readonly #holders = new Set<() => void>()
  #informer: Informer<ClusterTrustBundle> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** PEM of the certificates selected, each once; throws in upstream's words when there are none and they are not optional. */
  async anchors({ name, signerName, labelSelector, optional }: ClusterTrustBundleProjection): Promise<string> {
    const bundles = await this.#watched()
    if (name !== undefined) {
      const bundle = bundles.get(name)
      if (bundle) return normalized([bundle])
      if (optional) return ''
      throw new Error(
        `while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io ${JSON.stringify(name)} not found`,
      )
    }
    const matcher = labelSelectorMatcher(labelSelector)
    const chosen = bundles
      .list()
      .filter(({ metadata, spec }) => spec.signerName === signerName && matcher.matches(metadata.labels ?? {}))
    if (chosen.length === 0 && !optional)
      throw new Error('combination of signerName and labelSelector matched zero ClusterTrustBundles')
    return normalized(chosen)
  }

  /** Calls back when any bundle changes. Answers how to let go. */
  hold(changed: () => void): () => void {
    const holder = () => changed()
    this.#holders.add(holder)
    return () => this.#holders.delete(holder)
  }

  async #watched(): Promise<Informer<ClusterTrustBundle>> {
    const { client, clock, signal, log } = this.#options
    if (!this.#informer) {
      this.#informer = createInformer({
        client,
        ref: refs.clusterTrustBundles,
        clock,
        signal,
        onError: (error) => log(`watch of cluster trust bundles: ${String(error)}`),
      })
      const notify = () => this.#holders.forEach((changed) => changed())
      this.#informer.on({ add: notify, update: notify, delete: notify })
    }
    await abortable(this.#informer.synced, signal)
    return this.#informer
  }
}

/** What stands between certificates goes, and so does their order: nobody shall rely on it. */
function normalized(bundles: readonly ClusterTrustBundle[]): string {
  const bodies = new Set(bundles.flatMap(({ spec }) => pemBlocks(spec.trustBundle).map(({ body }) => body)))
  return [...bodies]
    .sort()
    .map((body) => pemText('CERTIFICATE', body))
    .join('')
}
