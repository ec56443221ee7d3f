/** Kubernetes' order of versions (kubernetes.io, "Version priority"): stable before beta before alpha, newer before older, others last. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rankOf(a), rankOf(b)]
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2] || (a < b ? -1 : 1)
}

function rankOf(version: string): [stability: number, major: number, minor: number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return [-1, 0, 0]
  const [, major, stage, minor = '0'] = match
  return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor)]
}
