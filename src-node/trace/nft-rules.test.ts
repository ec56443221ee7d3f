import { describe, expect, it } from 'vitest'
import { nftKeeping, nftTaken } from './nft-rules.ts'
import type { Sent } from './rules.ts'

const HASH = '0009G7DPMCV0V5VA'
const ONE = 'endpoint-000CHEKO9FOQIUC7-shop/web/tcp/http__10.244.1.2/8080'
const TWO = 'endpoint-00061KSCC1UCGKE4-shop/web/tcp/http__10.244.2.2/8080'
const SERVICE = `service-${HASH}-shop/web/tcp/http`
const EXTERNAL = `external-${HASH}-shop/web/tcp/http`

/** As nft prints one element of a map. */
const element = (map: string, line: string): string =>
  `table ip kube-proxy {\n\tmap ${map} {\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict\n\t\telements = { ${line} }\n\t}\n}\n`
const tables = { 'list tables ip': 'table ip nat\ntable ip kube-proxy\n' }
const chains = {
  [`list chain ip kube-proxy ${SERVICE}`]: [
    `\t\tip saddr @affinity-x goto ${ONE}`,
    `\t\tnumgen random mod 2 vmap { 0 : goto ${ONE}, 1 : goto ${TWO} }`,
  ].join('\n'),
  [`list chain ip kube-proxy ${EXTERNAL}`]: `\t\tjump mark-for-masquerade\n\t\tgoto ${SERVICE}\n`,
}

const host = (said: Record<string, string>) => ({
  run(_command: string, args: readonly string[]) {
    const stdout = said[args.join(' ')]
    return stdout === undefined
      ? Promise.reject(new Error('No such file or directory'))
      : Promise.resolve({ stdout, stderr: '' })
  },
})
const sent: Sent = {
  protocol: 'tcp',
  address: '10.96.1.1',
  port: 80,
  endpoint: { address: '10.244.2.2', port: 8080 },
  own: ['172.28.0.11'],
}
const BY_ADDRESS = 'get element ip kube-proxy service-ips { 10.96.1.1 . tcp . 80 }'
const entered = { ...tables, ...chains, [BY_ADDRESS]: element('service-ips', `10.96.1.1 . tcp . 80 : goto ${SERVICE}`) }

describe('nftTaken', () => {
  it('knows nothing of a node whose kube-proxy has no table of nftables, or that has no nftables', async () => {
    expect(await nftTaken(host({ 'list tables ip': 'table ip nat\n' }), sent)).toBeUndefined()
    expect(await nftTaken(host({}), sent)).toBeUndefined()
  })

  it('tells the way from the element of an address to the endpoint, without names of objects', async () => {
    const seen = await nftTaken(host(entered), sent)
    expect(seen?.report).toEqual({
      way: [
        { table: 'nat', chain: 'service-ips', target: `service-${HASH}` },
        { table: 'nat', chain: `service-${HASH}`, target: 'endpoint-00061KSCC1UCGKE4' },
        { table: 'nat', chain: 'endpoint-00061KSCC1UCGKE4', target: 'DNAT' },
      ],
      endpoint: sent.endpoint,
    })
    expect(seen?.evidence).toEqual([
      { command: `nft ${BY_ADDRESS}`, lines: [`10.96.1.1 . tcp . 80 : goto ${SERVICE}`] },
      {
        command: `nft list chain ip kube-proxy ${SERVICE}`,
        lines: [`numgen random mod 2 vmap { 0 : goto ${ONE}, 1 : goto ${TWO} }`],
      },
    ])
  })

  it('tells for how long a client is kept', async () => {
    const key = `list chain ip kube-proxy ${TWO}`
    const chain =
      '\t\tip saddr 10.244.2.2 jump mark-for-masquerade\n\t\tupdate @affinity-x { ip saddr timeout 1d2h3m4s }\n'
    const seen = await nftTaken(host({ ...entered, [key]: chain }), sent)
    expect(seen?.report.affinity).toEqual({ seconds: 93_784, kept: false })
    const kept = await nftTaken(host({ ...entered, [key]: chain }), sent, new Set([TWO]))
    expect(kept?.report.affinity).toEqual({ seconds: 93_784, kept: true })
  })

  it('knows before the packet with which endpoint its client is kept', async () => {
    const sticky = {
      [`list chain ip kube-proxy ${SERVICE}`]: [
        `\t\tip saddr @affinity-one goto ${ONE}`,
        `\t\tip saddr @affinity-two goto ${TWO}`,
        `\t\tnumgen random mod 2 vmap { 0 : goto ${ONE}, 1 : goto ${TWO} }`,
      ].join('\n'),
      'get element ip kube-proxy affinity-two { 10.244.1.9 }': 'elements = { 10.244.1.9 timeout 3h expires 2h }',
    }
    const keeping = (said: Record<string, string>, client = '10.244.1.9') => nftKeeping(host(said), sent, client)
    expect([...(await keeping({ ...entered, ...sticky }))]).toEqual([TWO])
    expect((await keeping({ ...entered, ...sticky }, '10.244.1.8')).size).toBe(0)
    expect((await keeping({ 'list tables ip': 'table ip nat\n' })).size).toBe(0)
    expect((await keeping(tables)).size).toBe(0)
    const outside = element('service-ips', `10.96.1.1 . tcp . 80 : goto ${EXTERNAL}`)
    expect([...(await keeping({ ...entered, ...sticky, [BY_ADDRESS]: outside }))]).toEqual([TWO])
  })

  it("follows a node port on the node's own address", async () => {
    const key = 'get element ip kube-proxy service-nodeports { tcp . 30003 }'
    const said = { ...tables, ...chains, [key]: element('service-nodeports', `tcp . 30003 : goto ${EXTERNAL}`) }
    const seen = await nftTaken(host(said), { ...sent, address: '172.28.0.11', port: 30_003 })
    expect(seen?.report.way.map(({ chain }) => chain)).toEqual([
      'service-nodeports',
      `external-${HASH}`,
      `service-${HASH}`,
      'endpoint-00061KSCC1UCGKE4',
    ])
    expect((await nftTaken(host(said), { ...sent, port: 30_003 }))?.report.way).toEqual([])
  })

  it('tells who refuses, or drops', async () => {
    const key = 'get element ip kube-proxy no-endpoint-services { 10.96.1.1 . tcp . 80 }'
    const refusing = (verdict: string) =>
      nftTaken(host({ ...tables, [key]: element('no-endpoint-services', `10.96.1.1 . tcp . 80 : ${verdict}`) }), sent)
    expect((await refusing('goto reject-chain'))?.report.refusal).toEqual({
      table: 'filter',
      chain: 'no-endpoint-services',
      target: 'REJECT',
    })
    expect((await refusing('drop'))?.report.refusal?.target).toBe('DROP')
  })

  it('tells no way to an endpoint that the chains do not have, or that nobody knows', async () => {
    const strange = { ...sent, endpoint: { address: '10.244.9.9', port: 1 } }
    expect((await nftTaken(host(entered), strange))?.report).toEqual({ way: [] })
    expect((await nftTaken(host(entered), { ...sent, endpoint: undefined }))?.report).toEqual({ way: [] })
    const [listing] = Object.keys(chains)
    expect((await nftTaken(host({ ...entered, [listing!]: '' }), sent))?.report).toEqual({ way: [] })
  })
})
