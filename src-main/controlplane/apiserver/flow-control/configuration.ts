import type { FlowSchema, PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'
import { mandatoryObjects } from '../../../../src-kube/kinds/flowcontrol/initial-objects.ts'
import type { UserInfo } from '../../admission/admission.ts'
import { PriorityLevel, type Flow, type Pool, type Tally } from './level.ts'
import { inOrder, matchesSchema, type Asked } from './match.ts'
import { seatLimits } from './seats.ts'

/** Answers that are remembered of one user; a flood of paths or namespaces starts afresh. */
const MOST_KNOWN = 500

/**
 * Flow schemas and priority levels as they are now, and which of them a request belongs to. What a user's request for a resource comes to is
 * remembered until either changes.
 */
export class Configuration {
  readonly pool: Pool = { size: 0, used: 0 }
  #levels = new Map<string, PriorityLevel>()
  /** Levels whose object is gone, until their last request is. */
  #leaving: PriorityLevel[] = []
  #schemas: Array<{ schema: FlowSchema; level: PriorityLevel }> = []
  readonly #tallies = new Map<string, Tally>()
  #known = new WeakMap<UserInfo, Map<string, Flow | undefined>>()

  get levels(): PriorityLevel[] {
    return [...this.#levels.values(), ...this.#leaving]
  }

  /** Those that requests were told of, with the level each leads to now. */
  get tallies(): Array<{ schema: string; level: string; tally: Tally }> {
    return this.#schemas.map(({ schema, level }) => ({
      schema: schema.metadata.name,
      level: level.name,
      tally: this.#tallyOf(schema.metadata.name, level.name),
    }))
  }

  /** Takes up all objects there are. The mandatory ones count even while they are not there. */
  replace(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void {
    const mandatory = mandatoryObjects()
    const allLevels = withMissing(levels, mandatory.levels)
    const limits = seatLimits(allLevels)
    const before = new Map(this.levels.map((level) => [level.name, level]))
    this.#levels = new Map()
    for (const object of allLevels) {
      const name = object.metadata.name
      const level = before.get(name) ?? new PriorityLevel(object, limits.get(name)!, this.pool)
      level.configure(object, limits.get(name)!)
      level.quiescing = false
      before.delete(name)
      this.#levels.set(name, level)
    }
    for (const level of before.values()) level.quiescing = true
    this.#leaving = [...before.values()].filter(({ inUse, waiting }) => inUse + waiting > 0)
    this.pool.size = [...this.#levels.values()].reduce((sum, { limits: l }) => sum + l.nominal - l.guaranteed, 0)
    this.pool.used = this.levels.reduce((sum, level) => sum + level.borrowed, 0)
    this.#schemas = inOrder(withMissing(schemas, mandatory.schemas)).flatMap((schema) => {
      const level = this.#levels.get(schema.spec?.priorityLevelConfiguration.name ?? '')
      return level ? [{ schema, level }] : []
    })
    this.#known = new WeakMap()
  }

  /** What a request belongs to: the first schema that matches. Undefined when even the mandatory ones do not. */
  flowOf(user: UserInfo, asked: Asked): Flow | undefined {
    let known = this.#known.get(user)
    if (!known) this.#known.set(user, (known = new Map()))
    const { verb } = asked
    const key = asked.isResource
      ? `${verb} ${asked.group}/${asked.resource}/${asked.subresource} ${asked.namespace}`
      : `${verb} ${asked.path}`
    let flow = known.get(key)
    if (flow === undefined) {
      if (known.size >= MOST_KNOWN) known.clear()
      known.set(key, (flow = this.#classify(user, asked)))
    }
    return flow
  }

  #classify(user: UserInfo, asked: Asked): Flow | undefined {
    const found = this.#schemas.find(({ schema }) => matchesSchema(schema, user, asked))
    if (!found) return undefined
    const { schema, level } = found
    const by = schema.spec?.distinguisherMethod?.type
    return {
      level,
      schema,
      distinguisher: by === 'ByUser' ? user.name : by === 'ByNamespace' ? asked.namespace : '',
      tally: this.#tallyOf(schema.metadata.name, level.name),
      schemaUid: schema.metadata.uid ?? '',
      levelUid: level.object.metadata.uid ?? '',
    }
  }

  #tallyOf(schema: string, level: string): Tally {
    const key = `${schema} ${level}`
    let tally = this.#tallies.get(key)
    if (!tally) {
      tally = { dispatched: 0, executing: 0, waiting: 0, rejected: new Map() }
      this.#tallies.set(key, tally)
    }
    return tally
  }
}

function withMissing<T extends { metadata: { name: string } }>(there: readonly T[], all: readonly T[]): T[] {
  const names = new Set(there.map(({ metadata }) => metadata.name))
  return [...there, ...all.filter(({ metadata }) => !names.has(metadata.name))]
}
