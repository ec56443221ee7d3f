import { expect, it, vi } from 'vitest'
import { createSentences } from './sentences.ts'
import { createLogWords, saidIn } from './index.ts'

const translate = createSentences({
  'Cluster {name} is stopped.': '集群 {name} 已停止。',
  'Start it first.': '请先启动它。',
  'Docker does not answer: {why}.': 'Docker 没有应答：{why}。',
  'Write `{name} -n 20`, and {name} again.': '写 `{name}`。',
  '{why} Not all of it could be undone: {left}.': '{why} 未能全部撤销：{left}。',
})

it('says sentences with what stands in their places, one or several', () => {
  expect(translate('Cluster lab.1 is stopped.')).toBe('集群 lab.1 已停止。')
  expect(translate('Cluster lab is stopped. Start it first.')).toBe('集群 lab 已停止。请先启动它。')
  expect(translate('Cluster lab is stopped.\nStart it first.')).toBe('集群 lab 已停止。请先启动它。')
  expect(translate('Docker does not answer: bad. news. Start it first.')).toBe(
    'Docker 没有应答：bad. news。请先启动它。',
  )
})

it('leaves what it does not know as it was said, also behind a sentence that it knows', () => {
  for (const text of [
    '',
    'pods "web" not found',
    'cluster x is stopped.',
    'Cluster x is stopped, is it',
    'x'.repeat(5000),
  ])
    expect(translate(text)).toBe(text)
  expect(translate('Start it first. And then?')).toBe('请先启动它。 And then?')
})

it('knows sentences in the places of others, and that one place named twice holds the same', () => {
  expect(translate('Cluster x is stopped. Not all of it could be undone: a; b.')).toBe(
    '集群 x 已停止。 未能全部撤销：a; b。',
  )
  expect(translate('Write `head -n 20`, and head again.')).toBe('写 `head`。')
  expect(translate('Write `head -n 20`, and tail again.')).toBe('Write `head -n 20`, and tail again.')
})

it('looks once at what follows a sentence, however many there are before words that it does not know', () => {
  const looks = vi.spyOn(RegExp.prototype, 'exec')
  const said = translate(`${'Start it first. '.repeat(12)}And then?`)
  const count = looks.mock.calls.length
  looks.mockRestore()
  expect(said).toMatch(/^请先启动它。 Start it first\./)
  expect(count).toBeLessThan(1000)
})

it('knows why a file cannot be used, behind what was tried with it', () => {
  expect(saidIn('zh-CN', 'Cannot save the snapshot: the disk is full (/tmp/a). Give the name of one.')).toBe(
    '无法保存快照：磁盘已满（/tmp/a）。请给出文件名。',
  )
  expect(saidIn('zh-CN', '/tmp/a is cut short: 5 of 9 bytes are there.')).toBe(
    '/tmp/a 不完整：共 9 字节，只有 5 字节。',
  )
})

it('takes no words for a piece of a sentence that go on as another', () => {
  expect(saidIn('zh-CN', 'n1 is Ready')).toBe('n1 已就绪')
  for (const text of ['n1 is Ready to go', 'the disk is full of pods', 'n1 is made of glass. Start it first.'])
    expect(saidIn('zh-CN', text)).toBe(text)
})

it('looks at each line of a log once', () => {
  const words = vi.fn<(line: string) => string>((line) => `${line}!`)
  const say = createLogWords(words)
  expect(say(['a', 'b'])).toEqual(['a!', 'b!'])
  expect(say(['a', 'b', 'c'])).toEqual(['a!', 'b!', 'c!'])
  expect(words).toHaveBeenCalledTimes(3)
})

it('speaks the language of the app', () => {
  const text = 'The cluster does not answer in time. Check the network or VPN.'
  expect(saidIn('en', text)).toBe(text)
  expect(saidIn('zh-CN', text)).toBe('集群未及时应答。请检查网络或 VPN。')
})
