import { expect, test } from 'vitest'
import { Count, counter, exponential, formatMetrics, gauge, Histogram } from './prometheus.ts'

const boundsOf = (bounds: readonly number[]): string[] => {
  const histogram = new Histogram(bounds)
  histogram.add(0)
  const { samples } = histogram.metric('m', 'help')
  return samples.flatMap(({ labels }) => labels['le'] ?? [])
}

test('a histogram tells how many amounts are up to each of its bounds, their sum and their number', () => {
  const histogram = new Histogram([0.1, 1])
  const series = histogram.series({ verb: 'GET' })
  for (const seconds of [0.1, 0.5, 0.25, 7]) series.observe(seconds)
  histogram.add(1, { verb: 'LIST' })
  expect(formatMetrics([histogram.metric('seconds', 'How long it took.')])).toBe(
    [
      '# HELP seconds How long it took.',
      '# TYPE seconds histogram',
      'seconds_bucket{verb="GET",le="0.1"} 1',
      'seconds_bucket{verb="GET",le="1"} 3',
      'seconds_bucket{verb="GET",le="+Inf"} 4',
      'seconds_sum{verb="GET"} 7.85',
      'seconds_count{verb="GET"} 4',
      'seconds_bucket{verb="LIST",le="0.1"} 0',
      'seconds_bucket{verb="LIST",le="1"} 1',
      'seconds_bucket{verb="LIST",le="+Inf"} 1',
      'seconds_sum{verb="LIST"} 1',
      'seconds_count{verb="LIST"} 1',
      '',
    ].join('\n'),
  )
})

test('bounds are written as Go writes them', () => {
  expect(boundsOf(exponential(10e-9, 10, 10)).join(' ')).toBe(
    '1e-08 1e-07 1e-06 9.999999999999999e-06 9.999999999999999e-05 0.001 0.01 0.1 1 10 +Inf',
  )
  expect(boundsOf(exponential(1000, 10, 7)).join(' ')).toBe('1000 10000 100000 1e+06 1e+07 1e+08 1e+09 +Inf')
})

test('counts are kept by labels, and a family without any is left out', () => {
  const count = new Count()
  count.add({ name: 'a"b' })
  count.series({ name: 'a"b' }).value++
  const text = formatMetrics([counter('n', 'Number.', count.samples), gauge('none', 'None.', [])])
  expect(text).toBe('# HELP n Number.\n# TYPE n counter\nn{name="a\\"b"} 2\n')
})

test('labels and words are escaped as the format has it, and no further', () => {
  const text = formatMetrics([counter('n', 'a\\b\nc"', [{ labels: { name: 'a\\b\n"c"\t\u0001ü' }, value: 1 }])])
  expect(text).toBe('# HELP n a\\\\b\\nc"\n# TYPE n counter\nn{name="a\\\\b\\n\\"c\\"\t\u0001ü"} 1\n')
})
