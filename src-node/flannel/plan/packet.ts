import { ipToNumber } from '../../../src-kube/machinery/ipv4.ts'

/** Bytes of the header of an IPv4 packet at least (RFC 791). */
const HEADER = 20
const SOURCE_AT = 12
const DESTINATION_AT = 16

/** Source and destination of an IPv4 packet, as numbers; undefined for what is none. */
export function addressesOf(packet: Uint8Array): { source: number; destination: number } | undefined {
  if (packet.length < HEADER || packet[0]! >> 4 !== 4) return undefined
  return { source: addressAt(packet, SOURCE_AT), destination: addressAt(packet, DESTINATION_AT) }
}

const addressAt = (packet: Uint8Array, at: number): number =>
  packet[at]! * 2 ** 24 + packet[at + 1]! * 2 ** 16 + packet[at + 2]! * 2 ** 8 + packet[at + 3]!

/** Which of some networks an address is in. */
export class NetworkTable<T> {
  readonly #rows: Array<{ base: number; size: number; value: T }>

  /** @param networks by CIDR, of which no two overlap; what is no IPv4 network is left out */
  constructor(networks: Iterable<[cidr: string, value: T]>) {
    this.#rows = [...networks].flatMap(([cidr, value]) => {
      const [address = '', bits = ''] = cidr.split('/')
      const first = ipToNumber(address)
      if (first === undefined || !/^\d+$/.test(bits)) return []
      const size = 2 ** (32 - Number(bits))
      return [{ base: Math.floor(first / size) * size, size, value }]
    })
  }

  find(address: number): T | undefined {
    return this.#rows.find(({ base, size }) => address >= base && address < base + size)?.value
  }
}
