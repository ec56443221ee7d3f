import { createHash } from 'node:crypto'
import { refs } from '../../src-kube/client/refs.ts'
import type { Client } from '../../src-kube/client/typed-client.ts'
import type { Clock, Timer } from '../../src-kube/machinery/clock.ts'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import { parseTime } from '../../src-kube/machinery/time.ts'
import type { Log } from '../../src-kube/runtime/controller.ts'
import { keepLease } from '../../src-kube/runtime/kept-lease.ts'

/** The lease by which an API server tells that it is there (KEP-1965). */
export interface ServerIdentityOptions {
  client: Client
  clock: Clock
  hostname: string
  /** What tells this server from others on the same machine that share its state; nothing for the only one. */
  instance?: string
  log: Log
}

const LABEL = 'apiserver.kubernetes.io/identity'
const COMPONENT = 'kube-apiserver'
/** Seconds for which a server counts, as upstream's does. It is renewed more seldom than upstream's: a write in ten minutes is as good as one in ten seconds. */
const DURATION = 3600
const EVERY = 600_000
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * Says in a lease of kube-system which API server is there, and takes away what servers left that are no more (kubernetes.io, "Leases: API server
 * identity"; KEP-1965).
 */
export function tellServerIdentity({ client, clock, hostname, instance = '', log }: ServerIdentityOptions) {
  const name = `apiserver-${base32(
    createHash('sha256')
      .update(hostname + instance)
      .digest()
      .subarray(0, 16),
  )}`
  const labels = { [LABEL]: COMPONENT, ...(isLabelValue(hostname) ? { 'kubernetes.io/hostname': hostname } : {}) }
  const identity = `${name}_${crypto.randomUUID()}`
  const kept = keepLease({ client, clock, name, labels, identity, duration: DURATION, every: EVERY, log })
  let timer: Timer
  const clean = (): void => {
    timer = clock.after(DURATION * 1000, clean)
    void removeExpired(client, clock).catch((error: unknown) =>
      log.warn('leases of servers that are no more stay', { error: String(error) }),
    )
  }
  clean()
  return {
    async stop(): Promise<void> {
      timer.cancel()
      await kept.stop()
    },
  }
}

/** Deletes the leases of API servers that nobody renewed in time. */
async function removeExpired(client: Client, clock: Clock): Promise<void> {
  const leases = client.resource(refs.leases)
  const { items } = await leases.list({ namespace: 'kube-system', labelSelector: `${LABEL}=${COMPONENT}` })
  for (const { metadata, spec } of items) {
    const renewed = parseTime(spec?.renewTime)
    const seconds = spec?.leaseDurationSeconds
    if (renewed !== undefined && seconds !== undefined && renewed + seconds * 1000 >= clock.now()) continue
    const { name, namespace, uid, resourceVersion } = metadata
    try {
      await leases.delete(name, namespace, { preconditions: { uid, resourceVersion } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

const isLabelValue = (text: string): boolean => /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text)

/** RFC 4648 without padding, in lower case. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replaceAll(/.{1,5}/g, (five) => BASE32[parseInt(five.padEnd(5, '0'), 2)]!)
}
