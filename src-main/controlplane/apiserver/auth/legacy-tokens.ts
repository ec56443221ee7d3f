import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'

/** Label: the day, as `2026-01-31`. */
export const LAST_USED = 'kubernetes.io/legacy-token-last-used'
/** Label: the day from which on the token is refused, before its secret goes. */
export const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since'

/** What notes that a token was used, and what hears that this could not be written. */
export interface LegacyTokenOptions {
  clock: Clock
  /** Gives a secret the label. */
  label(namespace: string, name: string, labels: Record<string, string>): Promise<void>
  log(message: string, error?: unknown): void
}

/** Whether a secret is a token of a service account's, which lasts as long as it does. */
export const isLegacyToken = (secret: KubeObject): boolean => secret['type'] === 'kubernetes.io/service-account-token'

/**
 * Notes on a secret the day on which its token was used last, once a day (kubernetes.io, "Managing Service Accounts: Legacy ServiceAccount
 * token tracking controller"). Nobody waits for the note.
 */
export function noteLegacyUse({ clock, label, log }: LegacyTokenOptions): (secret: KubeObject) => void {
  /** The day of the last note by the secret's uid, for notes that are on their way. */
  const noted = new Map<string, string>()
  return ({ metadata }) => {
    const { uid, name, namespace = '' } = metadata
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    if (metadata.labels?.[LAST_USED] === day || noted.get(uid) === day) return
    noted.set(uid, day)
    label(namespace, name, { [LAST_USED]: day }).catch((error: unknown) => {
      noted.delete(uid)
      log(`use of the token in secret ${namespace}/${name}`, error)
    })
  }
}
