/** What an interface has carried. */
export interface Link {
  name: string
  rxBytes: number
  rxErrors: number
  rxPackets: number
  rxDropped: number
  txBytes: number
  txErrors: number
  txPackets: number
  txDropped: number
}

/** What of it `stats/summary` tells. */
export type Carried = Pick<Link, 'name' | 'rxBytes' | 'rxErrors' | 'txBytes' | 'txErrors'>

export const carriedBy = ({ name, rxBytes, rxErrors, txBytes, txErrors }: Link): Carried => ({
  name,
  rxBytes,
  rxErrors,
  txBytes,
  txErrors,
})

/** All interfaces of the table in `/proc/net/dev` (proc(5)). */
function linksIn(table: string): Link[] {
  return table.split('\n').flatMap((line) => {
    const [, name, counts] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? []
    if (!name || !counts) return []
    const numbers = counts.split(/\s+/).map(Number)
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0] = numbers
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = numbers.slice(8)
    return [{ name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }]
  })
}

/** What pods have carried, by the name of the node's end of their link: what that sent, the pod received. */
export function podLinks(table: string): Map<string, Link> {
  const ends = linksIn(table).filter(({ name }) => name.startsWith('veth'))
  return new Map(ends.map((end): [string, Link] => [end.name, seenFromThere(end)]))
}

function seenFromThere(end: Link): Link {
  const { rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped } = end
  return {
    name: 'eth0',
    rxBytes: txBytes,
    rxPackets: txPackets,
    rxErrors: txErrors,
    rxDropped: txDropped,
    txBytes: rxBytes,
    txPackets: rxPackets,
    txErrors: rxErrors,
    txDropped: rxDropped,
  }
}

/** Interfaces that belong to what runs here, and the loopback. */
const OWN = /^(lo|docker\d*|veth.*|kube-.*|dummy.*)$/

/** The node's own interfaces. */
export const nodeLinks = (table: string): Link[] => linksIn(table).filter(({ name }) => !OWN.test(name))
