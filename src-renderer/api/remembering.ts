import { shallowReactive } from 'vue'

/** Answers by their question. */
export interface Remembered<Question, Answer> {
  /** From memory; what is not there, or is old, is asked for meanwhile. Undefined as long as nothing is known. What reads it follows. */
  of(question: Question): Answer | undefined
  /** Has everything asked for anew. */
  forget(): void
}

/**
 * Questions that are asked when somebody needs their answer, which is good for `fresh` milliseconds. One that fails stays open for as long.
 *
 * @param now milliseconds since the epoch
 */
export function remembering<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
  { fresh, now = Date.now }: { fresh: number; now?: () => number },
): Remembered<Question, Answer> {
  const known = shallowReactive(new Map<string, Answer>())
  const due = new Map<string, number>()
  return {
    of(question) {
      const key = JSON.stringify(question)
      if (now() >= (due.get(key) ?? 0)) {
        due.set(key, now() + fresh)
        ask(question).then(
          (answer) => known.set(key, answer),
          () => known.delete(key),
        )
      }
      return known.get(key)
    },
    forget() {
      due.clear()
      known.clear()
    },
  }
}
