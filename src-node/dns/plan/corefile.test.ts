import { describe, expect, it } from 'vitest'
import { COREFILE, dnsConfig } from '../../../src-kube/kinds/core/dns-config.ts'
import { forwardsOf, NODE, serversFor } from './corefile.ts'

const node = ['127.0.0.11']
const asked = (corefile: string, name: string) => serversFor(name, forwardsOf(corefile), node)

const STUBS = `
# What is below is the example of the documentation.
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
    }
    forward . 172.16.0.1 172.16.0.2:5353 { # upstream
        max_concurrent 1000
    }
}
consul.local:53 {
    errors
    cache 30
    forward . 10.150.0.1
}
Deep.Consul.Local, other.test:1053 {
    forward . dns://10.150.0.2:54
}
(snippet) {
    forward . 9.9.9.9
}
`

describe('a Corefile', () => {
  it('sends names below a stub domain to its servers, all others upstream', () => {
    expect(asked(STUBS, 'db.consul.local')).toEqual(['10.150.0.1'])
    expect(asked(STUBS, 'consul.local.')).toEqual(['10.150.0.1'])
    expect(asked(STUBS, 'x.DEEP.consul.local')).toEqual(['10.150.0.2:54'])
    expect(asked(STUBS, 'other.test')).toEqual(['10.150.0.2:54'])
    expect(asked(STUBS, 'notconsul.local')).toEqual(['172.16.0.1', '172.16.0.2:5353'])
  })

  it('as a new cluster has it asks the servers of the node', () => {
    const words = dnsConfig('cluster.local').data?.[COREFILE] ?? ''
    expect(forwardsOf(words)).toEqual([{ zone: '', servers: [NODE] }])
    expect(asked(words, 'example.com')).toEqual(node)
  })

  it('that says nothing of it, or nothing that is understood, leaves it to the node', () => {
    for (const words of ['', '}', 'nonsense', '. {\n forward . tls://9.9.9.9\n}', '. {\n forward\n}'])
      expect(asked(words, 'example.com')).toEqual(node)
  })

  it('may send names below another domain to others from one block', () => {
    const words = `. {\n forward corp.test. 10.0.0.1 ${NODE}\n forward . 10.0.0.2\n}`
    expect(asked(words, 'a.corp.test')).toEqual(['10.0.0.1', '127.0.0.11'])
    expect(asked(words, 'a.test')).toEqual(['10.0.0.2'])
  })
})
