import type { Refusal } from './failure.ts'

/** A refusal in the words of its event and, after `Pod was rejected: `, of the pod's status. */
export const refusal = (reason: string, words: string): Refusal => ({
  reason,
  words,
  message: `Pod was rejected: ${words}`,
  refused: true,
})
