import { expect, test } from 'vitest'
import { backendPath } from './proxy-path.ts'

test.each([
  ['', '/'],
  ['/', '/'],
  ['/%2F', '/'],
  ['/api%2Fv1%2Fitems', '/api/v1/items'],
  ['/static/', '/static/'],
  ['/a//b/../c', '/a/c'],
  ['/a%20b%3Fc', '/a%20b%3Fc'],
  ['/a:b@c;d=e,f+g', '/a:b@c;d=e,f+g'],
  ['/%C3%A4', '/%C3%A4'],
  ['/100%', '/100%25'],
])('the rest %j of a proxied path is %j to the backend', (rest, path) => expect(backendPath(rest)).toBe(path))
