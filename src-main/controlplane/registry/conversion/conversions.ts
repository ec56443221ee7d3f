import type { WebhookClientConfig } from '#types/apiextensions.k8s.io/v1'
import type { WebhookConversion } from '../../../../src-kube/kinds/custom/conversion.ts'
import type { KindDescriptor, ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatApiVersion } from '../../../../src-kube/machinery/gvk.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { StoredValue } from '../../store/store.ts'
import { answerEntry, StoredEntry } from '../entry.ts'
import { frozen } from '../freeze.ts'
import type { Entry, Target } from '../registry.ts'
import { checkedResult, objectsOf, ReviewError, reviewOf, reviewVersion } from './review.ts'

/** Posts a review and resolves with the text of the answer; rejects with words that say what was asked of whom and why it failed. */
export type AskWebhook = (to: WebhookClientConfig, body: string, timeoutSeconds: number) => Promise<string>

/** Seconds a webhook has for one review. */
const TIMEOUT = 30

/** A webhook did not convert what it was asked to. */
export class ConversionError extends StatusError {
  constructor({ apiVersion, kind }: KubeObject, words: string, cause?: unknown) {
    super(500, '', `conversion webhook for ${apiVersion}, Kind=${kind} ${words}`, undefined, { cause })
  }
}

/** A stored object as one version shows it. */
export class ConvertedEntry extends StoredEntry {
  readonly #converted: KubeObject

  constructor(stored: StoredValue, descriptor: KindDescriptor, object: KubeObject) {
    super(stored, descriptor)
    this.#converted = frozen(object)
  }

  override get object(): KubeObject {
    return this.#converted
  }

  override as(): KubeObject {
    return this.#converted
  }

  override parts(): readonly Buffer[] {
    return [Buffer.from(JSON.stringify(this.#converted))]
  }
}

/**
 * Versions of custom kinds that a webhook makes of each other. Such a kind is worked on in the version that was asked for: what is read is
 * converted before anybody looks at it, and what is written just before it is stored. Each stored object is converted once a version.
 */
export class Conversions {
  readonly #ask: AskWebhook | undefined
  readonly #views = new WeakMap<ServedVersion, WeakMap<Entry, Promise<Entry>>>()

  constructor(ask?: AskWebhook) {
    this.#ask = ask
  }

  /** The entries in the version asked for, by one review. Throws {@link ConversionError}. */
  async views<E extends Entry>({ descriptor, served }: Pick<Target, 'descriptor' | 'served'>, entries: readonly E[]) {
    const { conversion } = descriptor
    if (!conversion) return entries
    let known = this.#views.get(served)
    if (!known) this.#views.set(served, (known = new WeakMap()))
    const missing = entries.filter((entry) => !known.has(entry) && !(entry instanceof ConvertedEntry))
    if (missing.length > 0) {
      const made = this.#make(conversion, descriptor, served, missing)
      for (const [i, entry] of missing.entries())
        known.set(
          entry,
          made.then((all) => all[i]!),
        )
      // Whoever asks next may be luckier.
      made.catch(() => missing.forEach((entry) => known.delete(entry)))
    }
    return (await Promise.all(entries.map((entry) => known.get(entry) ?? Promise.resolve(entry)))) as E[]
  }

  async view<E extends Entry>(target: Pick<Target, 'descriptor' | 'served'>, entry: E): Promise<E> {
    return target.descriptor.conversion ? (await this.views(target, [entry]))[0]! : entry
  }

  /** As {@link view}, but what cannot be converted stays as it is: a broken webhook holds up no deletion. */
  async viewIfPossible<E extends Entry>(target: Pick<Target, 'descriptor' | 'served'>, entry: E): Promise<E> {
    try {
      return await this.view(target, entry)
    } catch (error) {
      if (error instanceof ConversionError) return entry
      throw error
    }
  }

  /** The object in another version. Throws {@link ConversionError}. */
  async into(
    { conversion }: KindDescriptor,
    object: KubeObject,
    to: Pick<ServedVersion, 'group' | 'version'>,
  ): Promise<KubeObject> {
    if (!conversion) return object
    return (await this.#convert(conversion, [object], formatApiVersion(to.group, to.version)))[0]!
  }

  /** The object as it is to be stored. */
  async toStorage({ conversion }: KindDescriptor, object: KubeObject): Promise<KubeObject> {
    if (!conversion) return object
    const apiVersion = formatApiVersion(conversion.group, conversion.storageVersion)
    return (await this.#convert(conversion, [object], apiVersion))[0]!
  }

  async #make(
    conversion: WebhookConversion,
    descriptor: KindDescriptor,
    served: ServedVersion,
    entries: readonly Entry[],
  ): Promise<Entry[]> {
    const apiVersion = formatApiVersion(served.group, served.version)
    // What is stored may be older than the schema of its version.
    const settled = entries.map(({ object }) => conversion.settle(object, { defaults: true }))
    const objects = await this.#convert(conversion, settled, apiVersion)
    return entries.map((entry, i) =>
      entry instanceof StoredEntry
        ? new ConvertedEntry(entry.stored, descriptor, objects[i]!)
        : answerEntry(objects[i]!),
    )
  }

  async #convert(conversion: WebhookConversion, objects: readonly KubeObject[], apiVersion: string) {
    const others = objects.filter((object) => object.apiVersion !== apiVersion)
    if (others.length === 0) return objects
    const answered = await this.#review(conversion, others, apiVersion)
    const [first] = others as [KubeObject]
    if (answered.length !== others.length)
      throw new ConversionError(first, `returned ${answered.length} objects, expected ${others.length}`)
    const converted = new Map<KubeObject, KubeObject>()
    try {
      for (const [i, original] of others.entries())
        converted.set(
          original,
          conversion.settle(checkedResult(original, answered[i], apiVersion, i), { defaults: false }),
        )
    } catch (error) {
      if (!(error instanceof ReviewError || error instanceof StatusError)) throw error
      throw new ConversionError(first, `returned ${error.message}`, error)
    }
    return objects.map((object) => converted.get(object) ?? object)
  }

  async #review({ clientConfig, reviewVersions }: WebhookConversion, objects: readonly KubeObject[], to: string) {
    try {
      if (!this.#ask) throw new Error('webhooks cannot be reached from here')
      const version = reviewVersion(reviewVersions)
      const uid = crypto.randomUUID()
      const body = JSON.stringify(reviewOf(objects, to, version, uid))
      return objectsOf(await this.#ask(clientConfig, body, TIMEOUT), version, uid)
    } catch (error) {
      // Whatever kept the webhook from answering, reads of the kind fail with it.
      if (!(error instanceof Error)) throw error
      throw new ConversionError(objects[0]!, `failed: ${error.message}`, error)
    }
  }
}
