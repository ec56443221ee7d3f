import type { PodCertificateRequest } from '#types/certificates.k8s.io/v1beta1'
import type { Pod, PodCertificateProjection } from '#types/core/v1'
import { pemBlocks, pemText } from '../../../src-kube/machinery/pem.ts'
import { parseTime } from '../../../src-kube/machinery/time.ts'
import { type Asked, CertificateRequests, type RequestOptions } from './certificate-requests.ts'
import type { VolumesOptions } from './volumes.ts'

const MINUTE = 60_000
/** A request not seen for so long is gone: one that is new may only be late. */
const GONE = 10 * MINUTE
/** A certificate not renewed so long after its time is told of. */
const OVERDUE = 10 * MINUTE
/** Certificates issued together are not renewed together. */
const JITTER = 5 * MINUTE
/** How long a volume waits for a signer before it says that it waits. */
const PATIENCE = 2000
const NOT_YET = 'credential bundle is not issued yet'

/** A key with its certificates, PEM, and when to look for the next in milliseconds since the epoch. */
export interface HeldCertificate {
  key: string
  chain: string
  refreshAt: number
}

interface Issued extends Omit<HeldCertificate, 'refreshAt'> {
  renewAt: number
  notAfter: number
  told: Set<string>
}

/** What has become of a request: one of its conditions. */
type Verdict = NonNullable<NonNullable<PodCertificateRequest['status']>['conditions']>[number]

/** One source of one volume of one pod. */
interface Record {
  asked?: Asked | undefined
  issued?: Issued
  /** Why there will be none. */
  refused?: string
}

type Options = RequestOptions & Pick<VolumesOptions, 'event'> & { random?: () => number }

/** Certificates of pods: asked for, waited for and renewed (kubernetes.io, "Projected Volumes: podCertificate"; KEP-4317). */
export class PodCertificates {
  readonly #options: Options
  readonly #requests: CertificateRequests
  /** By uid, then by source. */
  readonly #records = new Map<string, Map<string, Record>>()
  readonly #holders = new Map<string, Set<() => void>>()

  constructor(options: Options) {
    this.#options = options
    this.#requests = new CertificateRequests(options, (uid) => this.#holders.get(uid)?.forEach((changed) => changed()))
  }

  /** `source` names the projection within the pod. Throws while there is no certificate, for good where the signer refused. */
  async get(pod: Pod, source: string, projection: PodCertificateProjection): Promise<HeldCertificate> {
    const record = this.#recordOf(pod, source)
    await this.#settle(pod, record)
    if (!record.issued) {
      if (record.refused !== undefined) throw new Error(record.refused)
      record.asked ??= await this.#requests.ask(pod, projection)
      await this.#wait(pod, record)
    }
    const { issued } = record
    if (!issued) throw new Error(record.refused ?? NOT_YET)
    return { key: issued.key, chain: issued.chain, refreshAt: await this.#renew(pod, record, issued, projection) }
  }

  /** Calls back when a request of the pod changes. Answers how to let go. */
  hold(uid: string, changed: () => void): () => void {
    const holders = this.#holders.get(uid) ?? new Set()
    const holder = () => changed()
    this.#holders.set(uid, holders.add(holder))
    return () => {
      holders.delete(holder)
      if (holders.size === 0) this.#holders.delete(uid)
    }
  }

  forget(uid: string): void {
    this.#records.delete(uid)
  }

  #recordOf({ metadata: { uid } }: Pod, source: string): Record {
    const ofPod = this.#records.get(uid) ?? new Map<string, Record>()
    this.#records.set(uid, ofPod)
    const record = ofPod.get(source) ?? {}
    ofPod.set(source, record)
    return record
  }

  /** Waits a moment for the signer. */
  async #wait(pod: Pod, record: Record): Promise<void> {
    const over = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(PATIENCE, () => over.resolve())
    const look = (): void =>
      void this.#settle(pod, record).then(() => {
        if (!record.asked) over.resolve()
      }, over.reject)
    const letGo = this.hold(pod.metadata.uid, look)
    look()
    await over.promise.finally(() => {
      timer.cancel()
      letGo()
    })
  }

  /** When to look again; asks for the next certificate when its time has come. What goes wrong leaves the old one. */
  async #renew(pod: Pod, record: Record, issued: Issued, projection: PodCertificateProjection): Promise<number> {
    const now = this.#options.clock.now()
    if (now < issued.renewAt) return issued.renewAt
    this.#tell(pod, issued, now)
    if (record.refused === undefined && !record.asked) {
      try {
        record.asked = await this.#requests.ask(pod, projection)
      } catch (error) {
        this.#options.log(`certificate of ${pod.metadata.namespace}/${pod.metadata.name}: ${String(error)}`)
      }
    }
    return now + MINUTE
  }

  #tell(pod: Pod, { renewAt, notAfter, told }: Issued, now: number): void {
    const once = (reason: string, words: string): void => {
      if (told.has(reason)) return
      told.add(reason)
      this.#options.event(pod, 'Warning', reason, words)
    }
    if (now > renewAt + OVERDUE) once('CertificateOverdueForRefresh', 'PodCertificate refresh overdue')
    if (now > notAfter) once('CertificateExpired', 'PodCertificate expired')
  }

  /** Takes what has become of the request. */
  async #settle(pod: Pod, record: Record): Promise<void> {
    const { asked } = record
    if (!asked) return
    const request = await this.#requests.find(pod.metadata.namespace ?? 'default', asked.name)
    // Two looks may wait for one answer.
    if (record.asked !== asked) return
    if (!request) {
      if (this.#options.clock.now() > asked.at + GONE) record.asked = undefined
      return
    }
    for (const condition of request.status?.conditions ?? []) {
      record.asked = undefined
      if (condition.type === 'Issued') record.issued = this.#issuedOf(request, asked.key)
      else record.refused = this.#refusal(pod, request, condition)
    }
  }

  #issuedOf({ status }: PodCertificateRequest, key: string): Issued {
    const blocks = pemBlocks(status?.certificateChain ?? '')
    const chain = blocks.map(({ body }) => pemText('CERTIFICATE', body)).join('')
    const { random = Math.random, clock } = this.#options
    const begin = parseTime(status?.beginRefreshAt) ?? clock.now()
    const notAfter = parseTime(status?.notAfter) ?? Infinity
    return { key, chain, renewAt: begin + random() * JITTER, notAfter, told: new Set() }
  }

  #refusal(pod: Pod, { metadata }: PodCertificateRequest, { type, ...said }: Verdict): string {
    const reason = `reason=${quoted(said.reason)}`
    const message = `message=${quoted(said.message)}`
    const [was, permanently] = type === 'Denied' ? ['was denied', 'denied'] : ['failed', 'failed']
    const name = `${metadata.namespace}/${metadata.name}`
    this.#options.event(pod, 'Warning', type, `PodCertificateRequest ${name} ${was}, ${reason}, ${message}`)
    return `PodCertificateRequest was permanently ${permanently}: ${reason} ${message}`
  }
}

const quoted = (text: string | undefined): string => JSON.stringify(text ?? '')
