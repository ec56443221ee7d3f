import { describe, expect, it } from 'vitest'
import { refuseEtcd } from './refuse-etcd.ts'

const servers = ['https://10.0.0.1:2379', 'https://10.0.0.2:2379']
const flags = `--endpoints ${servers.join(',')}`

describe('a state in etcd', () => {
  it.each([
    ['save', `etcdctl ${flags} snapshot save FILE`],
    ['restore', 'etcdutl snapshot restore FILE'],
    ['reset', `etcdctl ${flags} del --prefix /registry/`],
  ] as const)('is nothing that we %s: the user is told of etcd’s own tools', (verb, command) => {
    const told = {
      message: 'Cluster "c" keeps its state in etcd, which this does not reach.',
      remedy: `Use etcd's own tools: \`${command}\`.`,
    }
    expect(() => refuseEtcd('c', { etcd: { servers } }, verb)).toThrow(expect.objectContaining(told))
  })

  it('is removed below its own prefix', () => {
    const told = { remedy: `Use etcd's own tools: \`etcdctl ${flags} del --prefix /mine/\`.` }
    expect(() => refuseEtcd('c', { etcd: { servers, prefix: '/mine' } }, 'reset')).toThrow(
      expect.objectContaining(told),
    )
  })

  it('is no matter for a cluster that keeps its state itself', () => {
    expect(() => refuseEtcd('c', {}, 'save')).not.toThrow()
  })
})
