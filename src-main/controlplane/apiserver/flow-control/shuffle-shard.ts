import { createHash } from 'node:crypto'

/**
 * The queues that a flow may wait in (kubernetes.io, "API Priority and Fairness: Queuing"): `handSize` different ones of `queues`, dealt by
 * the flow's hash, so that two flows hardly ever share all of theirs.
 *
 * @returns numbers from 0 to `queues − 1`
 */
export function dealHand(flow: string, queues: number, handSize: number): number[] {
  let left = createHash('sha256').update(flow).digest().readBigUInt64BE()
  const hand: number[] = []
  for (let dealt = 0; dealt < Math.min(handSize, queues); dealt++) {
    const remaining = BigInt(queues - dealt)
    let card = Number(left % remaining)
    left /= remaining
    // The n-th of the queues that are not in the hand.
    for (const taken of hand.toSorted((a, b) => a - b)) if (taken <= card) card++
    hand.push(card)
  }
  return hand
}
