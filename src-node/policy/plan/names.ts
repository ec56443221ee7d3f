/** Where packets between others begin: what a pod sends, then what is sent to it. */
export const FORWARDED = 'DRYDOCK-NP'
/** The second half, which whatever a pod may send goes on to. */
export const ARRIVING = 'DRYDOCK-NP-IN'
/** What pods ask the node's own DNS, which no packet of theirs is forwarded for. */
export const ASKING = 'DRYDOCK-NP-DNS'

/** The chain of a document's rules; within the 28 characters that the kernel allows. */
export const ruleChain = (direction: 'ingress' | 'egress', name: string): string =>
  `DRYDOCK-NP-${direction === 'ingress' ? 'I' : 'E'}-${name}`

/** The kernel's set of a document's peers or ports; within 31 characters, also while it is replaced. */
export const setName = (name: string): string => `drydock-np-${name}`

export const isOurChain = (chain: string): boolean => chain === FORWARDED || chain.startsWith(`${FORWARDED}-`)
export const isOurSet = (set: string): boolean => set.startsWith('drydock-np-')
