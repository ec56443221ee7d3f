import type { PolicyHost } from './index.ts'

const NET = 'drydock-np-trial'
const PORT = 'drydock-np-trial-port'
const CHAIN = 'DRYDOCK-NP-TRIAL'

const sets = [`create ${NET} hash:net family inet`, `create ${PORT} hash:ip,port family inet`, ''].join('\n')
const rules = [
  '*filter',
  `:${CHAIN} - [0:0]`,
  `-A ${CHAIN} -p tcp -m set --match-set ${NET} src -m set --match-set ${PORT} dst,dst -j RETURN`,
  'COMMIT',
  '*filter',
  `:${CHAIN} - [0:0]`,
  `-X ${CHAIN}`,
  'COMMIT',
  '',
].join('\n')

/** Why this kernel, or its iptables, knows no sets of addresses; undefined when both do. The sets that it makes are left to the caller to remove. */
export async function whyNoSets(host: PolicyHost): Promise<string | undefined> {
  try {
    await host.run('ipset', ['-exist', 'restore'], { stdin: sets })
    await host.run('iptables-restore', ['--noflush', '-w', '5'], { stdin: rules })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
