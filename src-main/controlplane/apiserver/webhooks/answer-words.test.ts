import { expect, test } from 'vitest'
import { answerError } from './answer-words.ts'

test.each([
  [500, 'oops\n', 'text/plain', 'an error on the server ("oops") has prevented the request from succeeding'],
  [502, 'oops', undefined, 'an error on the server ("oops") has prevented the request from succeeding'],
  [500, '{"a":1}', 'application/json', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [500, '{broken', 'application/json', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [404, '404 page not found', 'text/plain', 'the server could not find the requested resource'],
  [403, 'not you', 'text/plain', 'not you'],
  [302, '', 'text/html', 'the server responded with the status code 302 but did not return more information'],
  [503, '{"kind":"Status","message":"busy","code":503}', 'application/json', 'busy'],
])('What %i with %j says is told', (code, body, type, words) => {
  expect(answerError(code, body, type).message).toBe(words)
})
