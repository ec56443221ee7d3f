import type { Lease } from '#types/coordination.k8s.io/v1'
import { refs } from '../client/refs.ts'
import type { Client } from '../client/typed-client.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import { isConflict, isNotFound } from '../machinery/errors.ts'
import { formatMicroTime } from '../machinery/time.ts'
import type { Log } from './controller.ts'

/** A lease that is renewed as long as its holder lives (kubernetes.io, "Leases"). */
export interface KeptLeaseOptions {
  client: Client
  clock: Clock
  /** The Lease, in kube-system. */
  name: string
  labels?: Record<string, string>
  /** Who holds it. */
  identity: string
  /** Seconds for which it counts. */
  duration: number
  /** Milliseconds between two renewals; half of the duration when absent. */
  every?: number
  /** Whether it is given up at the end, so that nobody seems to hold it any more. Default false. */
  releases?: boolean
  log: Log
}

/** A lease that is being renewed; `stop` resolves when the last renewal, or giving it up, is over. */
export interface KeptLease {
  stop(): Promise<void>
}

const NAMESPACE = 'kube-system'

/**
 * Holds a lease that nobody else wants (kubernetes.io, "Leases"), so that others see who works: whoever held it before is taken over from. A renewal that
 * fails is told of, and tried again when it is time for the next.
 */
export function keepLease(options: KeptLeaseOptions): KeptLease {
  const { clock, duration, every = duration * 500, log, name } = options
  let timer: Timer | undefined
  let isStopped = false
  const once = async (seconds: number, holder: string): Promise<void> => {
    try {
      await renew(options, seconds, holder)
    } catch (error) {
      // Somebody wrote it just now, or has taken its namespace away.
      if (!isConflict(error) && !isNotFound(error))
        log.warn(`${name}: the lease was not renewed`, { error: String(error) })
    }
  }
  const turn = async (): Promise<void> => {
    await once(duration, options.identity)
    if (!isStopped) timer = clock.after(every, () => (running = turn()))
  }
  let running = turn()
  return {
    async stop() {
      isStopped = true
      timer?.cancel()
      await running
      if (options.releases) await once(1, '')
    },
  }
}

/** One write: of a lease that is not there it makes one. */
async function renew({ client, clock, name, labels, identity }: KeptLeaseOptions, seconds: number, holder: string) {
  const leases = client.resource(refs.leases)
  const now = formatMicroTime(clock.now())
  const fresh = { holderIdentity: holder, leaseDurationSeconds: seconds, renewTime: now }
  const lease = await leases.get(name, NAMESPACE).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  if (!lease) {
    const metadata = { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) } as Lease['metadata']
    const spec = { ...fresh, acquireTime: now, leaseTransitions: 0 }
    await leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
    return
  }
  const { holderIdentity, acquireTime = now, leaseTransitions = 0 } = lease.spec ?? {}
  const isOurs = holderIdentity === identity || holder !== identity
  const spec = isOurs
    ? { ...fresh, acquireTime, leaseTransitions }
    : { ...fresh, acquireTime: now, leaseTransitions: leaseTransitions + 1 }
  await leases.update({ ...lease, metadata: { ...lease.metadata, ...withLabels(lease, labels) }, spec })
}

const withLabels = ({ metadata }: Lease, labels: Record<string, string> | undefined) =>
  labels ? { labels: { ...metadata.labels, ...labels } } : {}
