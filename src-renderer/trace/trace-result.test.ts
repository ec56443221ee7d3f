// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { TraceDocument } from '../../src-wire/trace/document.ts'
import { hopWords, reasons } from '../../src-wire/trace/words.ts'
import { createTranslations } from '../i18n/index.ts'
import { en } from '../i18n/en.ts'
import TraceResult from './TraceResult.vue'

const trace: TraceDocument = {
  outcome: 'refused',
  conclusion: {
    reason: 'listensElsewhere',
    values: { target: 'shop/web-1', endpointPort: '8081', listening: '8080' },
  },
  hops: [
    {
      id: 'source',
      state: 'ok',
      said: 'pod',
      values: { pod: 'shop/client', node: 'n1', address: '10.244.1.5', link: 'vetha' },
      node: 'n1',
      evidence: [],
    },
    {
      id: 'answer',
      state: 'failed',
      said: 'refused',
      values: { words: 'Connection refused' },
      ms: 0.1234,
      evidence: [{ command: 'socat', lines: ['one', 'two'] }],
    },
  ],
  sent: { host: 'web', port: 80, protocol: 'TCP' },
  time: '2026-01-01T00:00:00.000Z',
}

const show = (language: string, shown: TraceDocument = trace) =>
  mount(TraceResult, { props: { trace: shown }, global: { plugins: [createTranslations({ language })] } })

describe('the way of a packet', () => {
  it('begins with how it ended, and what to do next', () => {
    const text = show('en').get('.conclusion').text()
    expect(text).toContain('✕Refused.shop/web-1 refused the connection: nothing listens on port 8081, but on 8080.')
    expect(text).toContain('Set the targetPort of the Service')
    expect(text).toContain('TCP to web, port 80')
  })

  it('says each station in a sentence, with its shape, node, time and what showed it', () => {
    const stations = show('en').findAll('li')
    expect(stations[0]!.text()).toContain('Pod shop/client on n1 sends from 10.244.1.5')
    expect(stations[0]!.find('details').exists()).toBe(false)
    expect(stations[1]!.text()).toContain('✕')
    expect(stations[1]!.text()).toContain('0.12 ms')
    expect(stations[1]!.get('details').text()).toContain('one\ntwo')
  })

  it('has no next step where all is well, and speaks Chinese', () => {
    const good: TraceDocument = {
      ...trace,
      outcome: 'answered',
      conclusion: { reason: 'connected', values: { source: 'a', target: 'b', ms: '1.0' } },
    }
    const box = show('zh-CN', good).get('.conclusion')
    expect(box.text()).toContain('●有应答。a 可以到达 b')
    expect(box.text()).not.toContain('下一步')
  })

  it('has a sentence for everything that can be said, and a next step for everything that went wrong', () => {
    const { hops, reasons: sentences, nexts, stations } = en.trace
    for (const [id, words] of Object.entries(hopWords))
      expect({ [id]: Object.keys(hops[id as keyof typeof hops]).sort() }).toEqual({ [id]: [...words].sort() })
    expect(Object.keys(stations)).toEqual(Object.keys(hopWords))
    expect(Object.keys(sentences).sort()).toEqual([...reasons].sort())
    const good = ['connected', 'answered', 'delivered']
    expect(Object.keys(nexts).sort()).toEqual(reasons.filter((reason) => !good.includes(reason)).sort())
  })
})
