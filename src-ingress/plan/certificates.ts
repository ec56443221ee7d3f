import type { Secret } from '#types/core/v1'
import type { Ingress } from '#types/networking.k8s.io/v1'
import type { File, Problem } from './model.ts'
import { certificateFile, UnusableSecret } from './secrets.ts'

interface Entry {
  file?: File | undefined
  problem?: Problem | undefined
}

/** Which host is served with which certificate. Ingresses are added the oldest first: the first usable certificate of a host is its own. */
export class Certificates {
  readonly #byHost = new Map<string, Entry[]>()
  readonly #entries: Entry[] = []
  readonly #secret: (key: string) => Secret | undefined

  constructor(secret: (key: string) => Secret | undefined) {
    this.#secret = secret
  }

  add(ingress: Ingress): void {
    const { tls = [], rules = [] } = ingress.spec
    for (const { hosts, secretName } of tls) {
      const entry = this.#entry(ingress, secretName)
      this.#entries.push(entry)
      // Without hosts the certificate is that of all hosts of the Ingress.
      for (const host of hosts?.length ? hosts : rules.map((rule) => rule.host ?? '')) {
        const known = this.#byHost.get(host)
        if (known) known.push(entry)
        else this.#byHost.set(host, [entry])
      }
    }
  }

  /** Whether HTTPS is asked for at a host, by its name or by a wildcard over it. */
  has(host: string): boolean {
    return this.#of(host).length > 0
  }

  /** The file of a host's certificate. */
  of(host: string): string | undefined {
    return this.#of(host).find(({ file }) => file)?.file?.name
  }

  used(): readonly Entry[] {
    return this.#entries
  }

  #of(host: string): Entry[] {
    const wildcard = host.replace(/^[^.]*/, '*')
    return [...(this.#byHost.get(host) ?? []), ...(wildcard === host ? [] : (this.#byHost.get(wildcard) ?? []))]
  }

  #entry(ingress: Ingress, secretName: string | undefined): Entry {
    if (!secretName) return {}
    const key = `${ingress.metadata.namespace}/${secretName}`
    try {
      return { file: certificateFile(this.#secret(key)) }
    } catch (error) {
      if (!(error instanceof UnusableSecret)) throw error
      const message = `Secret ${key} ${error.message}; the controller's own certificate is shown instead`
      return { problem: { ingress, reason: 'Ignored', message } }
    }
  }
}
