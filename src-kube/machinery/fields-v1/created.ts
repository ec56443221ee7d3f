import type { StructSchema } from '../schema/index.ts'
import { emptySet, type FieldSet } from './field-set.ts'
import { compare } from './owned.ts'
import {
  elementOfItem,
  isObject,
  openShape,
  partOf,
  shapeOfItem,
  shapeOfObject,
  type ListShape,
  type OpenShape,
  type Shape,
} from './shape.ts'

/**
 * The set of all fields of a new object, as a comparison with the empty object would find it. Every creation needs it, so it is looked up: the names in
 * the object lead from state to state of an automaton that grows with the objects it meets, and objects of one template end in one set.
 */
export function fieldsOfCreated(object: object, schema: StructSchema): FieldSet {
  if (states > MOST) forget()
  let start = roots.get(schema)
  if (!start) roots.set(schema, (start = new State({ shape: shapeOfObject(schema), member: false })))
  const set = walk(object, start)
  if (states <= MOST_AT_ONCE) return set ?? emptySet
  forget()
  return compare({}, object, start.shape).added
}

/** States after which the automaton starts over: there is no end of label names and keys of data. */
const MOST = 20_000
/** States at which one object alone has too many names for the automaton to help: it comes from no template. */
const MOST_AT_ONCE = 2 * MOST
let states = 0
let roots = new WeakMap<StructSchema, State>()

function forget(): void {
  roots = new WeakMap()
  states = 0
}

interface LastPart {
  before: State
  element: string
  child: FieldSet | undefined
}

/** What is known of a place after some of its parts. */
class State {
  readonly shape: Shape
  /** Whether the place itself is new, and not only what is in it. */
  readonly member: boolean
  /** The parts so far: the last, after those of another state. */
  readonly #before: State | undefined
  readonly #element: string
  readonly #child: FieldSet | undefined
  readonly #steps = new Map<unknown, Step>()
  /** The way taken last, which is mostly the next one, too. */
  #lastKey: unknown = this
  #lastStep: Step | undefined
  #set: FieldSet | undefined

  /** `last`: the part that was added to another state. */
  constructor({ shape, member }: Pick<State, 'shape' | 'member'>, last?: LastPart) {
    this.shape = shape
    this.member = member
    this.#before = last?.before
    this.#element = last?.element ?? ''
    this.#child = last?.child
    states++
  }

  /** By a part's name, or what tells an item apart. */
  step(key: unknown): Step | undefined {
    if (key === this.#lastKey) return this.#lastStep
    const step = this.#steps.get(key)
    if (!step) return undefined
    this.#lastKey = key
    this.#lastStep = step
    return step
  }

  addStep(key: unknown, step: Step): Step {
    this.#steps.set(key, step)
    return step
  }

  /** The place with its parts; undefined for one that is not new and has none. */
  get set(): FieldSet | undefined {
    if (this.#set) return this.#set
    const children = State.#childrenOf(this)
    return this.member || children.size > 0 ? (this.#set = { member: this.member, children }) : undefined
  }

  static #childrenOf(state: State): Map<string, FieldSet> {
    const parts: State[] = []
    for (let at: State | undefined = state; at; at = at.#before) parts.push(at)
    const children = new Map<string, FieldSet>()
    // Of items with one key the last counts.
    for (const part of parts.reverse()) if (part.#child) children.set(part.#element, part.#child)
    return children
  }
}

const leafSet: FieldSet = { member: true, children: new Map() }

/** The way on from a state by one part. */
class Step {
  readonly #from: State
  readonly #element: string
  /** Where the part's own parts begin; undefined for a leaf. */
  readonly inner: State | undefined
  readonly #after = new Map<FieldSet | undefined, State>()
  #lastChild: FieldSet | undefined
  #lastState: State | undefined

  constructor(from: State, element: string, place: Pick<State, 'shape' | 'member'>) {
    this.#from = from
    this.#element = element
    this.inner = place.shape.kind === 'leaf' ? undefined : new State(place)
  }

  after(child: FieldSet | undefined): State {
    if (this.#lastState && child === this.#lastChild) return this.#lastState
    let state = this.#after.get(child)
    if (!state) {
      state = new State(this.#from, { before: this.#from, element: this.#element, child })
      this.#after.set(child, state)
    }
    this.#lastChild = child
    this.#lastState = state
    return state
  }
}

function walk(value: unknown, start: State): FieldSet | undefined {
  const { shape } = start
  let state = start
  if (typeof value !== 'object' || value === null) return start.set
  if (shape.kind === 'keyed' || shape.kind === 'set') {
    if (!Array.isArray(value)) return start.set
    for (const item of value as unknown[]) {
      if (states > MOST_AT_ONCE) return undefined
      const step = itemStep(state, item, shape)
      state = step.after(step.inner ? walk(item, step.inner) : leafSet)
    }
    return state.set
  }
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name]
    if (part === undefined) continue
    if (states > MOST_AT_ONCE) return undefined
    const step = state.step(name) ?? fieldStep(state, name)
    const inner = step.inner && (step.inner.shape !== openShape || isObject(part)) ? step.inner : undefined
    state = step.after(inner ? walk(part, inner) : leafSet)
  }
  return state.set
}

function fieldStep(state: State, name: string): Step {
  // Where the shape depends on the value it is that of an object, and leaves are told when they are met.
  const { within, implied } = partOf(name, {}, state.shape as OpenShape)
  return state.addStep(name, new Step(state, `f:${name}`, { shape: within, member: state.member || !implied }))
}

function itemStep(state: State, item: unknown, shape: ListShape): Step {
  const key = shape.kind === 'set' ? item : keyOf(item, shape.keys)
  const found = state.step(key)
  if (found) return found
  const place = { shape: shapeOfItem(shape), member: true }
  return state.addStep(key, new Step(state, elementOfItem(item, shape), place))
}

/** What tells items apart, without being the path element itself. */
function keyOf(item: unknown, keys: readonly string[]): unknown {
  const fields = (item ?? {}) as Record<string, unknown>
  if (keys.length === 1) return fields[keys[0]!]
  let key = ''
  for (const name of keys) {
    const value = fields[name]
    key += typeof value === 'string' ? `"${value}\0` : `${String(value)}\0`
  }
  return key
}
