import type { PriorityLevelConfiguration } from '#types/flowcontrol.apiserver.k8s.io/v1'

/** Requests that the server works on at once, as kube-apiserver's `--max-requests-inflight` and `--max-mutating-requests-inflight` add up. */
const SERVER_SEATS = 600

/** Seats of one level. A seat is one request's place among those being worked on. */
export interface SeatLimits {
  /** Its share of the server's. */
  nominal: number
  /** What others can never borrow. */
  guaranteed: number
  /** With all it may borrow. */
  most: number
}

/**
 * Divides the server's seats by the levels' shares (kubernetes.io, "API Priority and Fairness: Seats Occupied by a Request" and
 * PriorityLevelConfigurationSpec): `NominalCL = ceil(seats × shares ÷ all shares)`; the lendable part and the most that may be borrowed
 * are rounded per cents of it.
 */
export function seatLimits(
  levels: readonly PriorityLevelConfiguration[],
  seats: number = SERVER_SEATS,
): Map<string, SeatLimits> {
  const shares = levels.map(sharesOf)
  const sum = shares.reduce((a, b) => a + b, 0)
  const limits = levels.map((level, i): [string, SeatLimits] => {
    const nominal = sum === 0 ? 0 : Math.ceil((seats * shares[i]!) / sum)
    const { limited, exempt } = level.spec ?? {}
    const lendable = limited?.lendablePercent ?? exempt?.lendablePercent ?? 0
    const borrowing = limited?.borrowingLimitPercent
    const more = borrowing === undefined ? Math.max(0, seats - nominal) : Math.round((nominal * borrowing) / 100)
    return [
      level.metadata.name,
      { nominal, guaranteed: nominal - Math.round((nominal * lendable) / 100), most: nominal + more },
    ]
  })
  return new Map(limits)
}

const sharesOf = ({ spec }: PriorityLevelConfiguration): number =>
  spec?.limited?.nominalConcurrencyShares ?? spec?.exempt?.nominalConcurrencyShares ?? 0
