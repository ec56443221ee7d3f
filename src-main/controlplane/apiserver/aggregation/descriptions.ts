import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { partOf, type OpenapiV2 } from '../openapi/merge.ts'

/** What a server says of one of its group versions, in OpenAPI version 2. */
export interface Description {
  /** Another one for other content. */
  tag: string
  part: OpenapiV2
}

/** Asks the service of a group version for its document, unless that is still the one of a tag. */
export type AskDescription = (key: string, headers: Record<string, string>) => Promise<IncomingMessage>

interface Known {
  /** As the server named it; nothing for one that names none. */
  etag: string | undefined
  description: Description | undefined
  at: number
}

/** Milliseconds for which nobody is asked again. */
const FRESH = 30_000

/**
 * What other servers say of themselves in OpenAPI version 2: asked when somebody wants to know, since few do, and kept. Who does not answer is described
 * as it was when it did; who describes itself in no such document is left out.
 */
export class Descriptions {
  readonly #ask: AskDescription
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #known = new Map<string, Known>()
  #count = 0

  constructor(ask: AskDescription, clock: Pick<Clock, 'monotonic'>) {
    this.#ask = ask
    this.#clock = clock
  }

  /** @param keys `group/version`, those of servers that answer */
  async of(keys: readonly string[]): Promise<Description[]> {
    const all = await Promise.all(keys.map((key) => this.#one(key)))
    return all.filter((one) => one !== undefined)
  }

  forget(key: string): void {
    this.#known.delete(key)
  }

  async #one(key: string): Promise<Description | undefined> {
    const known = this.#known.get(key)
    const now = this.#clock.monotonic()
    if (known && now - known.at < FRESH) return known.description
    const asked = await this.#look(key, known).catch(() => known)
    this.#known.set(key, { etag: undefined, description: undefined, ...asked, at: now })
    return asked?.description
  }

  /** What there is now, which may be what there was. Throws when the answer is no document. */
  async #look(key: string, known: Known | undefined): Promise<Pick<Known, 'etag' | 'description'> | undefined> {
    const answer = await this.#ask(key, known?.etag ? { 'if-none-match': known.etag } : {})
    if (answer.statusCode !== 200) {
      answer.resume()
      return known
    }
    const { etag } = answer.headers
    const part = partOf((await json(answer)) as OpenapiV2, key)
    return { etag, description: { tag: etag ?? `${key} ${++this.#count}`, part } }
  }
}
