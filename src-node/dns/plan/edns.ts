import type { Answer, Packet } from 'dns-packet'

/** Bytes of a UDP answer for clients that do not say more (RFC 1035 §4.2.1), and the most that is sent to those who do. */
const [PLAIN, MOST] = [512, 4096]

/** The extension record of EDNS. */
const extensionOf = ({ additionals = [] }: Packet): Answer | undefined => additionals.find(({ type }) => type === 'OPT')

/** Bytes that an answer over UDP may have. */
export const udpSize = (query: Packet): number =>
  Math.min(MOST, Math.max(PLAIN, extensionOf(query)?.udpPayloadSize ?? PLAIN))

/** The answer with an extension record if and only if the query has one (RFC 6891 §6.1.1). Pure. */
export function withExtension(query: Packet, reply: Packet): Packet {
  const others = (reply.additionals ?? []).filter(({ type }) => type !== 'OPT')
  if (!extensionOf(query)) return { ...reply, additionals: others }
  const own: Answer = { type: 'OPT', name: '.', udpPayloadSize: MOST, flags: 0, options: [] }
  return { ...reply, additionals: [...others, extensionOf(reply) ?? own] }
}

/**
 * What a client is told whose answer does not fit: as much of it as does, and that it may ask again over TCP. Some resolvers never do (musl's before 1.2.4,
 * busybox's), and take what there is. Pure.
 */
export const truncated = (reply: Packet, answers: number): Packet => ({
  ...reply,
  answers: (reply.answers ?? []).slice(0, answers),
  authorities: [],
  additionals: (reply.additionals ?? []).filter(({ type }) => type === 'OPT'),
  flag_tc: true,
  flags: (reply.flags ?? 0) | 0x0200,
})
