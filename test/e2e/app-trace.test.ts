/** Where a packet went, in the app: from the action on a Service to the way of the packet. */
import { describe, expect, it } from 'vitest'
import { type TraceDocument, TRACE_PATH } from '../../src-wire/trace/document.ts'
import { hasBrowser, useApp } from './testing/app-world.ts'

const world = useApp()
const { complaints, go, row, shot } = world

const evidence = (command: string, ...lines: string[]) => [{ command, lines }]
const REPLY = 'src=10.244.2.7 dst=10.244.1.5 sport=8081 dport=61201'
/** As a real cluster told it. */
const refused: TraceDocument = {
  outcome: 'refused',
  conclusion: {
    reason: 'listensElsewhere',
    values: { target: 'shop/cart-1', endpointPort: '8081', listening: '8080', service: 'shop/cart' },
  },
  hops: [
    {
      id: 'source',
      state: 'ok',
      said: 'pod',
      values: { pod: 'shop/client', node: 'n1', address: '10.244.1.5', link: 'vethaaaaaaaa' },
      node: 'n1',
      evidence: evidence(
        'ip -br link show master docker0',
        'vethaaaaaaaa@if2 UP 92:0b:dc:45:4f:62 <BROADCAST,UP,LOWER_UP>',
      ),
    },
    {
      id: 'name',
      state: 'ok',
      said: 'found',
      values: { server: '10.96.0.10', name: 'cart.shop.svc.cluster.local', address: '10.96.20.3' },
      node: 'n1',
      ms: 0.76,
      evidence: evidence(
        'DNS queries to 10.96.0.10:53 from shop/client',
        'cart.shop.svc.cluster.local. A → 10.96.20.3 (0.8 ms)',
      ),
    },
    {
      id: 'service',
      state: 'ok',
      said: 'chosen',
      values: { address: '10.96.20.3', chain: 'KUBE-SEP-0009I7FR48I5FJ1S', endpoint: '10.244.2.7:8081' },
      node: 'n1',
      evidence: evidence(
        'iptables-save -c -t nat',
        '[4 packets] -A KUBE-SERVICES -d 10.96.20.3/32 -p tcp -m tcp --dport 80 -m comment --comment "shop/cart cluster IP" -j KUBE-SVC-0002FMUQU6QQBB34',
        '[4 packets] -A KUBE-SEP-0009I7FR48I5FJ1S -p tcp -m comment --comment "shop/cart" -m tcp -j DNAT --to-destination 10.244.2.7:8081',
      ),
    },
    { id: 'address', state: 'ok', said: 'kept', values: { address: '10.244.1.5' }, node: 'n1', evidence: [] },
    {
      id: 'overlay',
      state: 'ok',
      said: 'sent',
      values: { to: 'n2', mac: '0e:d0:ac:1c:00:0c', port: '8472', peer: '172.28.0.12', vni: '1' },
      node: 'n1',
      evidence: evidence('bridge fdb show dev flannel.1', '0e:d0:ac:1c:00:0c dst 172.28.0.12 self permanent'),
    },
    {
      id: 'arrival',
      state: 'ok',
      said: 'seen',
      values: { node: 'n2', source: '10.244.1.5' },
      node: 'n2',
      evidence: evidence(
        'conntrack -E -o timestamp -p tcp',
        `[1795292662.285991] [NEW] tcp 6 120 SYN_SENT src=10.244.1.5 dst=10.244.2.7 sport=61201 dport=8081 [UNREPLIED] ${REPLY}`,
        `[1795292662.286030] [DESTROY] tcp 6 120 CLOSE src=10.244.1.5 dst=10.244.2.7 sport=61201 dport=8081 [UNREPLIED] ${REPLY}`,
      ),
    },
    {
      id: 'endpoint',
      state: 'failed',
      said: 'listensElsewhere',
      values: { target: 'shop/cart-1', port: '8081', listening: '8080' },
      node: 'n2',
      ms: 0.07,
      evidence: evidence('nsenter -t 4711 -n ss -Hltn', 'LISTEN 0 5 0.0.0.0:8080 0.0.0.0:*'),
    },
    {
      id: 'answer',
      state: 'failed',
      said: 'refused',
      values: { words: 'Connection refused' },
      node: 'n1',
      ms: 0.98,
      evidence: [],
    },
  ],
  sent: { host: 'cart', port: 80, protocol: 'TCP' },
  time: '2026-11-21T20:24:22.000Z',
}

describe.skipIf(!hasBrowser)('where a packet went, in the app', () => {
  it('is asked on a Service, prefilled, and told station by station with what showed it', async () => {
    world.api.answer(TRACE_PATH, refused)
    await go('/k/services?sel=shop/cart')
    await row('cart').waitFor()
    await world.page.keyboard.press('Control+k')
    await world.page.getByRole('option').filter({ hasText: 'Trace a packet …: cart' }).click()
    await world.page.getByRole('heading', { name: 'Trace a packet', exact: true }).waitFor()
    expect(await world.page.getByLabel('To', { exact: true }).inputValue()).toBe('svc/shop/cart')
    await expect.poll(() => world.page.getByLabel('From').inputValue()).toMatch(/^shop\//)
    await world.page.getByRole('button', { name: 'Send', exact: true }).click()
    await world.page.locator('.end').getByText('nothing listens on port 8081, but on 8080').waitFor()
    await world.page.getByText('Set the targetPort of the Service').waitFor()
    const stations = world.page.getByRole('list', { name: 'The way of the packet' }).locator('> li')
    expect(await stations.count()).toBe(refused.hops.length)
    await shot('trace-light')
    await world.page.getByText('Evidence').nth(2).click()
    await world.page.getByText('DNAT --to-destination 10.244.2.7:8081').waitFor()
    await shot('trace-evidence-light')
    expect(complaints).toEqual([])
  })

  it('is a link: who sends, to whom and to which port stand in it, and the keyboard does the rest', async () => {
    await go('/trace?from=shop/client&to=web.shop&port=81&proto=UDP')
    await world.page.getByLabel('Port').waitFor()
    expect(await world.page.getByLabel('From').inputValue()).toBe('shop/client')
    expect(await world.page.getByLabel('Port').inputValue()).toBe('81')
    await world.page.getByLabel('Port').focus()
    await world.page.keyboard.press('Enter')
    const told = (outcome: string) =>
      world.page.getByRole('status').filter({ hasText: new RegExp(`^${outcome}\\. .*nothing listens on port 8081`) })
    await told('Refused').waitFor()
    const send = world.page.getByRole('button', { name: 'Send', exact: true })
    await send.focus()
    world.api.answer(TRACE_PATH, { ...refused, outcome: 'lost' })
    await world.page.keyboard.press('Enter')
    await told('Lost').waitFor()
    // It was switched off meanwhile, and its ring is to be seen on its own ground.
    await expect
      .poll(() => world.page.evaluate('getComputedStyle(document.querySelector(":focus-visible")).outlineOffset'))
      .toBe('2px')
    expect(await send.evaluate((button) => button.matches(':focus'))).toBe(true)
    await go('/k/pods')
    await row('cart').first().waitFor()
    for (const key of ['g', 'w']) await world.page.keyboard.press(key)
    await world.page.getByRole('heading', { name: 'Trace a packet', exact: true }).waitFor()
    expect(await world.page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    expect(complaints).toEqual([])
  })
})
