import { expect, it } from 'vitest'
import { hrefOfObject, objectOfHref } from './object-of-href.ts'

it('a link to a detail names its object', () => {
  expect(objectOfHref('http://127.0.0.1:4000/#/c/dev%20one/k/pods?tab=map&sel=shop/web-1')).toEqual({
    cluster: 'dev one',
    view: 'pods',
    key: 'shop/web-1',
  })
  expect(objectOfHref('#/c/dev/k/certs.example.com?sel=shop%2Fa')).toMatchObject({ key: 'shop/a' })
})

it('a link to a list, a page or elsewhere names none', () => {
  const others = ['#/c/dev/k/pods', '#/c/dev/k/pods?q=is:failed', '#/c/dev/map?sel=x', 'https://kubernetes.io/docs/']
  expect(others.map(objectOfHref)).toEqual([undefined, undefined, undefined, undefined])
})

it('the address of an object names that object', () => {
  for (const one of [
    { cluster: 'dev one', view: 'pods', key: 'shop/web-1' },
    { cluster: 'a/b', view: 'certs.example.com', key: 'system:node&x#1' },
  ])
    expect(objectOfHref(hrefOfObject(one))).toEqual(one)
})
