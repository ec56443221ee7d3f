/** A member of a {@link LinkedList}, by which it is taken out again. */
export class Link<T> {
  readonly value: T
  /** The list's own. */
  previous: Link<T> | undefined
  /** The list's own. */
  next: Link<T> | undefined
  /** The list's own. */
  isIn = true

  constructor(value: T, previous: Link<T> | undefined) {
    this.value = value
    this.previous = previous
  }
}

/**
 * What comes and goes all the time, in the order in which it came. For that a `Set` is dear in V8: when its table has filled up with what was
 * deleted it gets another, and the old table, with all that was in it then, is kept by the one before it until the whole heap is collected.
 * What leaves a list refers to nothing any more.
 */
export class LinkedList<T> implements Iterable<T> {
  #first: Link<T> | undefined
  #last: Link<T> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  add(value: T): Link<T> {
    const link = new Link(value, this.#last)
    if (this.#last) this.#last.next = link
    else this.#first = link
    this.#last = link
    this.#size++
    return link
  }

  /** False when it has been removed before. */
  remove(link: Link<T>): boolean {
    if (!link.isIn) return false
    const { previous, next } = link
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    link.isIn = false
    link.previous = link.next = undefined
    this.#size--
    return true
  }

  /** The oldest first. Whoever goes through them may remove the member at hand. */
  *links(): Generator<Link<T>, void> {
    let next: Link<T> | undefined
    for (let link = this.#first; link; link = next) {
      next = link.next
      yield link
    }
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (const link of this.links()) yield link.value
  }
}
