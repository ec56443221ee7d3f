import { describe, expect, it } from 'vitest'
import { groupOrder, kinds } from '../../../src-kube/kinds/index.ts'
import type { KindDescriptor } from '../../../src-kube/kinds/descriptor.ts'
import { PageNotFoundError } from './filters/page-not-found.ts'
import { parseRequest } from './http/request-info.ts'
import { ResourceTable } from './resources.ts'
import { checkScope, checkVerb, checkVirtual } from './scope.ts'
import { ownVirtual } from './virtual.ts'

const customKind = ({ scope, plural }: { scope: 'Namespaced' | 'Cluster'; plural: string }) =>
  ({
    plural,
    scope,
    group: 'stable.example.com',
    subresources: [{ name: 'scale' }],
    served: [{ group: 'stable.example.com', version: 'v1', custom: {} }],
  }) as KindDescriptor

const table = new ResourceTable(kinds, groupOrder)

function check(method: string, path: string): void {
  const info = parseRequest(method, path)
  checkScope(info, table.find(info.group, info.version, info.resource)!)
}

describe('what a path may name', () => {
  it.each([
    ['GET', '/api/v1/pods'],
    ['GET', '/api/v1/pods?watch=1'],
    ['GET', '/api/v1/namespaces/d/pods/p/status'],
    ['GET', '/api/v1/namespaces/d/pods/p/status/'],
    ['GET', '/api/v1/nodes/n/proxy/a%2Fb/c'],
    ['PUT', '/api/v1/namespaces/d/finalize'],
    ['DELETE', '/api/v1/nodes/n'],
  ])('%s %s is served', (method, path) => {
    expect(() => check(method, path)).not.toThrow()
  })

  it.each([
    ['GET', '/api/v1/pods/p'],
    ['DELETE', '/api/v1/pods/p'],
    ['GET', '/api/v1/namespaces/d/nodes'],
    ['GET', '/api/v1/namespaces/d/pods/p/nothing'],
    ['GET', '/api/v1/namespaces/d/pods/p/status/more'],
    ['GET', '/api/v1/pods/p?watch=1'],
    ['GET', '/api/v1/watch/pods/p'],
    ['PUT', '/api/v1/watch/pods/p'],
    ['GET', '/api/v1/watch/namespaces/d/pods/p/status'],
    ['GET', '/api/v1/namespaces/d/namespaces'],
    ['DELETE', '/api/v1/namespaces/d/namespaces/d'],
  ])('%s %s is no path', (method, path) => {
    expect(() => check(method, path)).toThrow('the server could not find the requested resource')
  })

  it.each([
    ['POST', '/api/v1/pods'],
    ['DELETE', '/api/v1/pods'],
  ])('%s %s is a path without that method', (method, path) => {
    expect(() => check(method, path)).toThrow('the server does not allow this method on the requested resource')
  })
})

describe('what is stored nowhere under its own name', () => {
  const checkOf = (method: string, path: string) => () => {
    const info = parseRequest(method, path)
    checkVirtual(
      info,
      method,
      ownVirtual.find(({ plural }) => plural === info.resource)!,
    )
  }
  const reviews = '/apis/authorization.k8s.io/v1'

  it.each([
    ['POST', `${reviews}/subjectaccessreviews`],
    ['POST', `${reviews}/namespaces/d/localsubjectaccessreviews`],
    ['POST', '/api/v1/namespaces/d/bindings'],
    ['GET', '/api/v1/componentstatuses'],
    ['GET', '/api/v1/componentstatuses/scheduler?watch=1'],
  ])('%s %s is served', (method, path) => {
    expect(checkOf(method, path)).not.toThrow()
  })

  it.each([
    ['POST', `${reviews}/subjectaccessreviews/x`],
    ['POST', `${reviews}/namespaces/d/subjectaccessreviews`],
    ['POST', `${reviews}/localsubjectaccessreviews`],
    ['GET', `${reviews}/watch/subjectaccessreviews`],
    ['GET', '/api/v1/bindings'],
    ['GET', '/api/v1/namespaces/d/componentstatuses'],
    ['GET', '/api/v1/componentstatuses/scheduler/status'],
  ])('%s %s is no path', (method, path) => {
    expect(checkOf(method, path)).toThrow('the server could not find the requested resource')
  })

  it.each([
    ['GET', `${reviews}/subjectaccessreviews`],
    ['GET', '/api/v1/namespaces/d/bindings'],
    ['HEAD', '/api/v1/componentstatuses'],
    ['DELETE', '/api/v1/componentstatuses/scheduler'],
  ])('%s %s is a path without that method', (method, path) => {
    expect(checkOf(method, path)).toThrow('the server does not allow this method on the requested resource')
  })

  it('is not watched', () => {
    expect(checkOf('GET', '/api/v1/componentstatuses?watch=1')).toThrow(
      'watch is not supported on resources of kind "componentstatuses"',
    )
  })
})

describe('what a path may name of custom kinds', () => {
  const crontab = customKind({ scope: 'Namespaced', plural: 'crontabs' })
  const glob = customKind({ scope: 'Cluster', plural: 'globs' })
  const own = new ResourceTable([crontab, glob], groupOrder)
  const of = (method: string, path: string) => () => {
    const info = parseRequest(method, `/apis/stable.example.com/v1${path}`)
    checkScope(info, own.find(info.group, info.version, info.resource)!)
  }

  it.each([
    ['GET', '/crontabs/x'],
    ['GET', '/crontabs/x?watch=1'],
    ['POST', '/crontabs'],
    ['DELETE', '/crontabs'],
    ['GET', '/namespaces/d/globs'],
  ])('%s %s is out of their scope', (method, path) => {
    expect(of(method, path)).toThrow(PageNotFoundError)
  })

  it.each(['/status', '/other', '/scale/more'])('what is not below an object is not found: %s', (below) => {
    expect(of('GET', `/namespaces/d/crontabs/x${below}`)).toThrow('crontabs.stable.example.com "x" not found')
  })

  it.each(['/crontabs', '/namespaces/d/crontabs/x', '/namespaces/d/crontabs/x/scale', '/globs/x'])('%s is', (path) => {
    expect(of('GET', path)).not.toThrow()
  })
})

it('takes an escaped slash for one that separates, but below a proxy', () => {
  expect(parseRequest('GET', '/api/v1/namespaces/d%2Fx/pods')).toMatchObject({
    namespace: 'd',
    resource: 'x',
    name: 'pods',
  })
  expect(parseRequest('GET', '/api/v1/nodes/n/proxy/a%2Fb')).toMatchObject({ name: 'n', rest: '/a%2Fb' })
})

describe('what may be done at a path', () => {
  const checkOf = (method: string, path: string) => () => {
    const info = parseRequest(method, path)
    checkVerb(info, table.find(info.group, info.version, info.resource)!)
  }

  it.each([
    ['DELETE', '/api/v1/namespaces/d/pods'],
    ['DELETE', '/api/v1/namespaces/d'],
    ['POST', '/api/v1/namespaces/d/pods/p/eviction'],
    ['POST', '/api/v1/namespaces'],
    ['PUT', '/api/v1/namespaces/d/finalize'],
    ['GET', '/api/v1/namespaces/d/pods?watch=1'],
    ['PATCH', '/apis/apps/v1/namespaces/d/deployments/x/scale'],
  ])('%s %s', (method, path) => {
    expect(checkOf(method, path)).not.toThrow()
  })

  it.each([
    ['DELETE', '/api/v1/namespaces'],
    ['PUT', '/api/v1/namespaces/d/pods'],
    ['PATCH', '/api/v1/namespaces/d/pods'],
    ['POST', '/api/v1/namespaces/d/pods/p'],
    ['DELETE', '/api/v1/namespaces/d/pods/p/status'],
    ['POST', '/apis/apps/v1/namespaces/d/deployments/x/scale'],
    ['OPTIONS', '/api/v1/namespaces/d/pods'],
  ])('not %s %s', (method, path) => {
    expect(checkOf(method, path)).toThrow('the server does not allow this method on the requested resource')
  })
})
