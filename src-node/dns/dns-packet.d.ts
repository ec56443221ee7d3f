/** The part of dns-packet (5.6) that the DNS server uses. */
declare module 'dns-packet' {
  export interface Question {
    type: string
    name: string
    class?: string
  }
  export interface Answer {
    type: string
    name: string
    ttl?: number
    class?: string
    data?: unknown
    flush?: boolean
    /** Of `OPT` alone. */
    udpPayloadSize?: number
    flags?: number
    options?: unknown[]
  }
  export interface Packet {
    id?: number
    type?: 'query' | 'response'
    flags?: number
    flag_tc?: boolean
    rcode?: string
    questions?: Question[]
    answers?: Answer[]
    authorities?: Answer[]
    additionals?: Answer[]
  }
  export const RECURSION_DESIRED: number
  export const RECURSION_AVAILABLE: number
  export const AUTHORITATIVE_ANSWER: number
  export const TRUNCATED_RESPONSE: number
  export function encode(packet: Packet): Uint8Array
  export function decode(data: Uint8Array): Packet
}
